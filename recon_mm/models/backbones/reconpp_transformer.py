"""The backbones of ReCon++ (ShapeLLM's encoder): masked autoencoding, and causal."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor, nn

from recon_mm.ops import PointGroups, greedy_order
from recon_mm.registry import MODELS

from ..checkpoint import register_checkpoint_reader
from ..layers import (
    PositionEmbed,
    QueryBlock,
    TransformerBlock,
    drop_path_rates,
    init_linear_projection,
    sine_position,
    triangle,
)
from ..vit_weights import load_vit_blocks
from .base import PointBackbone
from .token_features import TokenFeatures

QUERIES: Mapping[str, int] = MappingProxyType({'image': 13, 'text': 3})


@MODELS.register_module()
class ReConPPTransformer(PointBackbone):
    """Point clouds to tokens, pretrained with random masks (mask type 'rand').

    Two streams of pre-norm blocks: patches attend to each other, and learned queries, image before
    text, read the output of every layer. Both may begin with the blocks of an image network.

    Args:
        embed_dims: Token width C.
        depth: Number of layers of both streams.
        num_heads: Number of attention heads.
        num_groups: Patches per cloud, G.
        group_size: Points per patch, K.
        mlp_ratio: Hidden width of the MLPs over C; 48/11 for the giant one.
        layer_scale: Whether a learned factor per channel scales each branch, as in DINOv2.
        drop_path_rate: Largest drop-path rate, reached linearly at the last layer.
        stop_gradient: Whether the queries read the patches without sending a gradient back.
        embed_masked_patches: Whether masked patches are embedded too in training, so that batch
            normalization sees every patch.
        channels: Numbers per point: 3, or 6 with colors in 0..1.
        large_embedding: Whether the patch embedding is the large one.
        global_tokens: How many queries each group has, by name; ``cls``, which only classification
            has, comes last and has a parameter of its own.
        out_indices: Layers whose patch tokens are returned in ``levels``, counted from 0.
        vit: Weights of an image transformer for both streams, taken when training begins: a name
            of timm with its tag, or a file.
        init_cfg: ``dict(type='Pretrained', checkpoint=...)`` to start from pretrained weights.

    Example:
        >>> model = ReConPPTransformer(embed_dims=96, depth=2, num_heads=3, num_groups=64)
        >>> model(torch.rand(2, 1024, 3)).global_tokens.shape
        torch.Size([2, 16, 96])
    """

    def __init__(
        self,
        embed_dims: int = 1024,
        depth: int = 24,
        num_heads: int = 16,
        num_groups: int = 512,
        group_size: int = 32,
        mlp_ratio: float = 4.0,
        layer_scale: bool = False,
        drop_path_rate: float = 0.0,
        stop_gradient: bool = False,
        embed_masked_patches: bool = True,
        channels: int = 3,
        large_embedding: bool = False,
        global_tokens: Mapping[str, int] = QUERIES,
        out_indices: Sequence[int] = (),
        vit: str | None = None,
        init_cfg: dict | list[dict] | None = None,
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
            channels,
            large_embedding,
            init_cfg,
        )
        if 'cls' in list(global_tokens)[:-1]:
            raise ValueError(f"global_tokens={dict(global_tokens)}, expected 'cls' as the last one")
        self.vit = vit
        num_queries = self.num_global_tokens - global_tokens.get('cls', 0)
        self.global_query = nn.Parameter(torch.zeros(1, num_queries, embed_dims))
        self.cls_token = None
        if 'cls' in global_tokens:
            self.cls_token = nn.Parameter(torch.zeros(1, global_tokens['cls'], embed_dims))
        options = dict(qkv_bias=True, layer_scale=layer_scale)
        rates = drop_path_rates(drop_path_rate, depth)
        sizes = (embed_dims, num_heads, mlp_ratio)
        self.blocks = nn.ModuleList(TransformerBlock(*sizes, r, **options) for r in rates)
        self.global_blocks = nn.ModuleList(QueryBlock(*sizes, r, **options) for r in rates)
        self.norm = nn.LayerNorm(embed_dims)
        self.global_norm = nn.LayerNorm(embed_dims)
        self.build_positions()
        for name, part in self.named_children():
            if name != 'patch_embed':
                init_linear_projection(part)
        register_checkpoint_reader(self)

    def build_positions(self) -> None:
        """Adds what the positions of patches need."""
        self.pos_embed = PositionEmbed(self.embed_dims)

    @property
    def num_pooled_tokens(self) -> int:
        """One vector per group of queries enters the classification feature."""
        return len(self.global_slices)

    def init_weights(self) -> None:
        """Before training: the weights of the image transformer, if one is named."""
        super().init_weights()
        if self.vit is not None:
            load_vit_blocks(self.vit, self.blocks, self.global_blocks)

    def global_parameters(self) -> list[nn.Parameter]:
        """Parameters of the queries and their stream."""
        return [p for name, p in self.named_parameters() if name.startswith(('global_', 'cls_'))]

    def patch_parameters_without_loss(self) -> list[nn.Parameter]:
        """The last norm; where no gradient comes back from the queries, the whole patch stream."""
        own = {id(parameter) for parameter in self.global_parameters()}
        stream = self if self.stop_gradient else self.norm
        return [parameter for parameter in stream.parameters() if id(parameter) not in own]

    def group(self, points: Tensor) -> PointGroups:
        """Cuts clouds ``(B, N, channels)`` into patches, in the order of sampling.

        Raises:
            ValueError: If the number of channels differs from the backbone's.
        """
        if points.shape[-1] != self.channels:
            raise ValueError(
                f'the points have {points.shape[-1]} channels, the backbone {self.channels}: 3 are '
                'x y z, 6 have colors in 0..1 behind them; give such points or change channels'
            )
        patches = super().group(points[..., :3])
        return patches if self.channels == 3 else patches.with_channels(points[..., 3:])

    def forward_patches(
        self, patches: PointGroups, shown: Tensor | None = None, with_global: bool = True
    ) -> TokenFeatures:
        """Tokens of patches; ``shown`` int64 ``(B, V)`` says which enter the blocks."""
        tokens, center = self._embed(patches, shown)
        return self.encode(tokens, self.pos_embed(center), center, with_global=with_global)

    def encode(
        self,
        tokens: Tensor,
        pos: Tensor,
        center: Tensor,
        attention: Tensor | None = None,
        with_global: bool = True,
    ) -> TokenFeatures:
        """Runs the blocks.

        Args:
            tokens: ``(B, V, C)``.
            pos: ``(B, V, C)``, added before every layer.
            center: ``(B, V, 3)``.
            attention: Bool ``(V, V)``, True where a row sees a column; all when ``None``.
            with_global: Whether the global stream runs.
        """
        queries: list[Tensor] = [self.global_query]
        if self.cls_token is not None:
            queries.append(self.cls_token)
        stream = torch.cat(queries, dim=1).expand(len(tokens), -1, -1)  # (B, T, C)
        levels = []
        for index, (block, global_block) in enumerate(zip(self.blocks, self.global_blocks)):
            tokens = block(tokens + pos, attention)
            if with_global:
                stream = global_block(stream, tokens.detach() if self.stop_gradient else tokens)
            if index in self.out_indices:
                levels.append(self.norm(tokens))
        return TokenFeatures(
            self.global_norm(stream),
            self.norm(tokens),
            center,
            tuple(levels),
            stream,
            # [cls, image, text] in the classification feature
            tuple(self.global_slices[n] for n in sorted(self.global_slices, key='cls'.__ne__)),
        )


@MODELS.register_module()
class CausalReConPPTransformer(ReConPPTransformer):
    """Point clouds to tokens as a sequence (mask type 'causal'), and every fine-tuned model.

    Patches come in greedy order, with sines of their centers as positions. A start token is put
    in front and the last patch left out, so that token i has seen the patches before i.

    Arguments are those of :class:`ReConPPTransformer`.
    """

    def build_positions(self) -> None:
        """Adds the start token and its position."""
        self.sos = nn.Parameter(torch.randn(1, 1, self.embed_dims))
        self.sos_pos = nn.Parameter(torch.randn(1, 1, self.embed_dims))

    def group(self, points: Tensor) -> PointGroups:
        """Cuts clouds ``(B, N, channels)`` into patches, each the nearest to the one before."""
        patches = super().group(points)
        return patches.reorder(greedy_order(patches.center))

    def forward_patches(
        self, patches: PointGroups, shown: Tensor | None = None, with_global: bool = True
    ) -> TokenFeatures:
        """Tokens of patches; ``shown`` bool ``(G, G)`` says who sees whom, by default all before.

        ``center`` of the result is that of the patch that a token generates.
        """
        tokens, center = self._embed(patches, None)
        pos = sine_position(center, self.embed_dims).to(tokens.dtype)
        tokens = torch.cat([self.sos.expand(len(tokens), -1, -1), tokens[:, :-1]], dim=1)
        pos = torch.cat([self.sos_pos.expand(len(tokens), -1, -1), pos[:, :-1]], dim=1)
        if shown is None:
            shown = triangle(center.shape[1], center.device)
        return self.encode(tokens, pos, center, shown, with_global)
