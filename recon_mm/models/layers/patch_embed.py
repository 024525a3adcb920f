"""Patch embedding: a small PointNet shared over all groups of points."""

from torch import Tensor, cat, nn

from recon_mm.ops import gather_points

from .batch_norm import SyncBatchNorm
from .max_linear import MaxLinear
from .patch_embed_fast import embed_patches
from .two_forms import TwoForms


class PatchEmbed(TwoForms):
    """Points of a group, relative to its center, to one token (paper section 3.1).

    Per point: 3 → 128 → 256; the maximum over the group joins every point (512); per point again
    512 → 512 → C; the maximum over the group is the token.

    Args:
        embed_dims: Token width C.
    """

    FAST_ON = ('cpu', 'cuda')

    def __init__(self, embed_dims: int) -> None:
        super().__init__()
        self.point_fc1 = nn.Linear(3, 128)
        self.point_norm = SyncBatchNorm(128)
        self.point_fc2 = nn.Linear(128, 256)
        self.group_fc1 = nn.Linear(512, 512)
        self.group_norm = SyncBatchNorm(512)
        self.group_fc2 = MaxLinear(512, embed_dims)

    def forward(self, neighborhood: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Tokens of groups.

        Args:
            neighborhood: ``(B, G, K, 3)``.
            wanted: int64 ``(B, V)``, the groups whose tokens are returned; all when ``None``.
                Batch normalization sees every group either way.

        Returns:
            ``(B, V, C)``.
        """
        return self.form_for(neighborhood)(neighborhood, wanted)

    def forward_plain(self, neighborhood: Tensor, wanted: Tensor | None = None) -> Tensor:
        """As the paper writes it."""
        points = self.point_norm(self.point_fc1(neighborhood)).relu()
        points = self.point_fc2(points)  # (B, G, K, 256)
        group = points.max(2, keepdim=True).values.expand_as(points)
        points = self.group_fc1(cat([group, points], dim=-1))  # (B, G, K, 512)
        tokens = self.group_fc2(self.group_norm(points).relu())  # (B, G, C)
        return tokens if wanted is None else gather_points(tokens, wanted)

    def forward_fast(self, neighborhood: Tensor, wanted: Tensor | None = None) -> Tensor:
        """With a third of the multiplications."""
        return embed_patches(self, neighborhood, wanted)
