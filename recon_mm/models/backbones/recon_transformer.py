"""The ReCon transformer: point patches in one stream, global tokens in the other."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor, nn

from recon_mm.ops import PointGroups
from recon_mm.registry import MODELS

from ..checkpoint import register_checkpoint_reader
from ..layers import (
    PositionEmbed,
    ReConBlock,
    drop_path_rates,
    init_linear_truncated,
)
from .base import PointBackbone
from .token_features import TokenFeatures

PAPER_TOKENS: Mapping[str, int] = MappingProxyType({'cls': 1, 'image': 1, 'text': 1})


@MODELS.register_module()
class ReConTransformer(PointBackbone):
    """Point clouds to tokens (paper section 4).

    A cloud is cut into ``num_groups`` patches of ``group_size`` points, each embedded into one
    token. The blocks carry two streams: patch tokens attend to each other, and global tokens, in
    named groups, read them by cross attention. In the paper there are three, one per modality.

    Args:
        embed_dims: Token width C.
        depth: Number of blocks.
        num_heads: Number of attention heads.
        num_groups: Patches per cloud, G.
        group_size: Points per patch, K.
        mlp_ratio: Hidden width of the MLPs over C.
        drop_path_rate: Largest drop-path rate, reached linearly at the last block.
        stop_gradient: Whether the global tokens read the patches without sending a gradient back:
            ``True`` in pretraining, ``False`` in fine-tuning.
        embed_masked_patches: Whether masked patches are embedded too in training, so that batch
            normalization sees every patch, as in the release. ``False`` embeds only the visible
            ones: less work, different batch statistics. In eval mode both give the same result,
            and only visible patches are embedded.
        global_tokens: How many global tokens each group has, by name; ``cls`` is the 3D token.
        out_indices: Blocks whose patch tokens are returned in ``levels``, counted from 0.
        init_cfg: ``dict(type='Pretrained', checkpoint=...)`` to start from pretrained weights.
        test_num_groups: Patches per cloud in eval mode, if not as many as in training. Few in
            training take less time, and more afterwards still give better features.

    Example:
        >>> model = ReConTransformer(embed_dims=96, depth=2, num_heads=3)
        >>> model(torch.rand(2, 1024, 3)).global_tokens.shape
        torch.Size([2, 3, 96])
    """

    def __init__(
        self,
        embed_dims: int = 384,
        depth: int = 12,
        num_heads: int = 6,
        num_groups: int = 64,
        group_size: int = 32,
        mlp_ratio: float = 4.0,
        drop_path_rate: float = 0.0,
        stop_gradient: bool = False,
        embed_masked_patches: bool = True,
        global_tokens: Mapping[str, int] = PAPER_TOKENS,
        out_indices: Sequence[int] = (),
        init_cfg: dict | list[dict] | None = None,
        test_num_groups: int | None = None,
    ) -> None:
        super().__init__(
            embed_dims,
            depth,
            num_heads,
            num_groups,
            group_size,
            stop_gradient,
            embed_masked_patches,
            global_tokens,
            out_indices,
            init_cfg=init_cfg,
            test_num_groups=test_num_groups,
        )
        self.pos_embed = PositionEmbed(embed_dims)
        for name, count in global_tokens.items():
            self.register_parameter(f'{name}_token', _tokens(count, embed_dims))
            self.register_parameter(f'{name}_pos', _tokens(count, embed_dims))
        self.blocks = nn.ModuleList(
            ReConBlock(embed_dims, num_heads, mlp_ratio, rate, stop_gradient)
            for rate in drop_path_rates(drop_path_rate, depth)
        )
        self.norm = nn.LayerNorm(embed_dims)
        init_linear_truncated(self)
        register_checkpoint_reader(self)

    def global_parameters(self) -> list[nn.Parameter]:
        """Parameters of the global stream alone (the final ``norm`` belongs to both)."""
        tokens = {f'{name}_{kind}' for name in self.global_slices for kind in ('token', 'pos')}
        return [
            parameter
            for name, parameter in self.named_parameters()
            if name in tokens or '.global_' in name
        ]

    def patch_parameters_without_loss(self) -> list[nn.Parameter]:
        """What the last block does to the patches after the global tokens have read them."""
        last_block = self.blocks[-1]
        assert isinstance(last_block, ReConBlock)
        return last_block.patch_update_parameters()

    def forward_patches(
        self, patches: PointGroups, shown: Tensor | None = None, with_global: bool = True
    ) -> TokenFeatures:
        """Tokens of patches; ``shown`` int64 ``(B, V)`` says which enter the blocks."""
        return self.encode(*self._embed(patches, shown), with_global)

    def encode(self, tokens: Tensor, center: Tensor, with_global: bool = True) -> TokenFeatures:
        """Runs the blocks.

        Args:
            tokens: Embedded patches ``(B, V, C)``.
            center: Their centers ``(B, V, 3)``.
            with_global: Whether the global stream runs; without it the returned global tokens
                are the learned ones, unchanged.
        """
        pos = self.pos_embed(center)  # (B, V, C)
        global_pos = self._join('pos')  # (T, C)
        stream = self._join('token').expand(center.shape[0], -1, -1)  # (B, T, C)

        levels = []
        for index, block in enumerate(self.blocks):
            new_stream, tokens = block(stream + global_pos if with_global else None, tokens + pos)
            stream = new_stream if with_global else stream
            if index in self.out_indices:
                levels.append(self.norm(tokens))
        return TokenFeatures(self.norm(stream), self.norm(tokens), center, tuple(levels), stream)

    def _join(self, kind: str) -> Tensor:
        """Tokens or positions of all groups as rows ``(T, C)``, in the order of the groups."""
        # Rows, so that their gradients are contiguous, as DDP prefers.
        parts = [getattr(self, f'{name}_{kind}').flatten(0, 1) for name in self.global_slices]
        return torch.cat(parts)


def _tokens(count: int, embed_dims: int) -> nn.Parameter:
    return nn.Parameter(nn.init.trunc_normal_(torch.empty(1, count, embed_dims), std=0.02))
