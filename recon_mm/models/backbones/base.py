"""What the backbones share: clouds to embedded patches, and named groups of global tokens."""

from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from recon_mm.ops import PointGroups, gather_points, group_points

from ..init_summary import InitSummary
from ..layers import PatchEmbed
from .token_features import TokenFeatures


class PointBackbone(InitSummary):
    """Cuts clouds into patches and embeds them; a subclass carries both streams through blocks.

    Args:
        embed_dims: Token width C.
        depth: Number of blocks.
        num_heads: Number of attention heads.
        num_groups: Patches per cloud, G.
        group_size: Points per patch, K.
        stop_gradient: Whether the global tokens read the patches without sending a gradient back.
        embed_masked_patches: Whether masked patches are embedded too in training.
        global_tokens: How many global tokens each group has, by name.
        out_indices: Blocks whose patch tokens are returned in ``levels``, counted from 0.
        channels: Numbers per point: 3 coordinates, then colors.
        large_embedding: Whether the patch embedding is ReCon++'s large one.
        init_cfg: MMEngine's initialization config.
        test_num_groups: Patches per cloud in eval mode, if not as many as in training.
    """

    blocks: nn.ModuleList

    def __init__(
        self,
        embed_dims: int,
        depth: int,
        num_heads: int,
        num_groups: int,
        group_size: int,
        stop_gradient: bool,
        embed_masked_patches: bool,
        global_tokens: Mapping[str, int],
        out_indices: Sequence[int] = (),
        channels: int = 3,
        large_embedding: bool = False,
        init_cfg: dict | list[dict] | None = None,
        test_num_groups: int | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if any(not 0 <= i < depth for i in out_indices):
            raise ValueError(f'out_indices={tuple(out_indices)} must lie in 0..{depth - 1}')
        if not global_tokens or any(count < 1 for count in global_tokens.values()):
            raise ValueError(
                f'global_tokens={dict(global_tokens)}, expected names of groups with at least one '
                'token each, e.g. dict(cls=1, image=1, text=1)'
            )
        self.embed_dims = embed_dims
        self.num_heads = num_heads
        self.num_groups = num_groups
        self.test_num_groups = test_num_groups or num_groups
        self.group_size = group_size
        self.stop_gradient = stop_gradient
        self.embed_masked_patches = embed_masked_patches
        self.out_indices = frozenset(out_indices)
        self.channels = channels
        self.patch_embed = PatchEmbed(embed_dims, channels, large_embedding)
        self.global_slices: dict[str, slice] = {}
        for name, count in global_tokens.items():
            first = self.num_global_tokens
            self.global_slices[name] = slice(first, first + count)

    @property
    def num_global_tokens(self) -> int:
        """Number of global tokens of all groups, T."""
        return max((group.stop for group in self.global_slices.values()), default=0)

    @property
    def num_pooled_tokens(self) -> int:
        """How many vectors of the global tokens enter the classification feature."""
        return self.num_global_tokens

    @property
    def num_patches(self) -> int:
        """Patches per cloud in the present mode."""
        return self.num_groups if self.training else self.test_num_groups

    def group(self, points: Tensor) -> PointGroups:
        """Cuts clouds ``(B, N, 3)`` into patches."""
        return group_points(points, self.num_patches, self.group_size)

    def forward(self, points: Tensor) -> TokenFeatures:
        """Tokens of complete clouds ``(B, N, channels)``."""
        return self.forward_patches(self.group(points))

    def forward_patches(
        self, patches: PointGroups, shown: Tensor | None = None, with_global: bool = True
    ) -> TokenFeatures:
        """Tokens of patches.

        Args:
            patches: All patches of the clouds, from :meth:`group`.
            shown: What a mask shows (``mask.shown()``); all patches when ``None``.
            with_global: Whether the global stream runs; without it the returned global tokens
                are the learned ones.
        """
        raise NotImplementedError

    def global_parameters(self) -> list[nn.Parameter]:
        """Parameters of the global stream alone."""
        raise NotImplementedError

    def patch_parameters_without_loss(self) -> list[nn.Parameter]:
        """Parameters of the patch stream that only reconstruction trains."""
        raise NotImplementedError

    def get_layer_depth(self, param_name: str, prefix: str = '') -> tuple[int, int]:
        """Where a parameter stands between input and output, for layer-wise learning rates.

        Args:
            param_name: Its name in the full model.
            prefix: What the names of this backbone's parameters begin with there.

        Returns:
            The layer and the number of layers: 0 for everything before the blocks, i + 1 for
            block i, then one more for the last norm and what a subclass adds after the blocks.
        """
        part, _, rest = param_name.removeprefix(prefix).partition('.')
        num_layers = len(self.blocks) + 2
        if part in ('blocks', 'global_blocks'):
            return int(rest.partition('.')[0]) + 1, num_layers
        before = part in ('patch_embed', 'pos_embed') or part.endswith(
            ('_token', '_pos', '_query', 'sos')
        )
        return (0 if before else num_layers - 1), num_layers

    def _embed(self, patches: PointGroups, visible: Tensor | None) -> tuple[Tensor, Tensor]:
        """Embedded patches ``(B, V, C)`` and their centers, those of indices ``visible`` alone."""
        if visible is None:
            return self.patch_embed(patches.neighborhood), patches.center
        center = gather_points(patches.center, visible)
        if self.training and self.embed_masked_patches:
            return self.patch_embed(patches.neighborhood, visible), center
        neighborhood = gather_points(patches.neighborhood.flatten(2), visible)
        return self.patch_embed(neighborhood.unflatten(2, (self.group_size, -1))), center
