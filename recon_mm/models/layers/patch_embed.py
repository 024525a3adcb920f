"""Patch embedding: a small PointNet shared over all groups of points."""

import torch.nn.functional as F
from torch import Tensor, cat, nn

from recon_mm.ops import gather_points

from .batch_norm import SyncBatchNorm
from .max_linear import MaxLinear
from .patch_embed_fast import embed_patches
from .two_forms import TwoForms


class PatchEmbed(TwoForms):
    """Points of a group, relative to its center, to one token (paper section 3.1).

    Per point: 3 → 128 → 256; the maximum over the group joins every point (512); per point again
    512 → 512 → C; the maximum over the group is the token. ReCon++'s large one: 3 → 256 → 512 →
    1024, then 2048 → 2048 → C.

    Args:
        embed_dims: Token width C.
        channels: Numbers per point, ch: coordinates, and what follows them (colors).
        large: Whether it is the large one.
    """

    FAST_ON = ('cpu', 'cuda')

    def __init__(self, embed_dims: int, channels: int = 3, large: bool = False) -> None:
        super().__init__()
        width = 256 if large else 128
        self.point_fc1 = nn.Linear(channels, width)
        self.point_norm = SyncBatchNorm(width)
        self.point_fc2 = nn.Linear(width, 2 * width)
        if large:
            self.point_norm2 = SyncBatchNorm(2 * width)
            self.point_fc3 = nn.Linear(2 * width, 4 * width)
        joined = 2 * self.last_point_fc.out_features
        self.group_fc1 = nn.Linear(joined, joined)
        self.group_norm = SyncBatchNorm(joined)
        self.group_fc2 = MaxLinear(joined, embed_dims)

    @property
    def last_point_fc(self) -> nn.Linear:
        """The layer whose output is joined with its maximum over the group."""
        return getattr(self, 'point_fc3', self.point_fc2)

    def hidden(self, neighborhood: Tensor) -> Tensor:
        """``(B, G, K, ch)`` to the input of :attr:`last_point_fc`."""
        hidden = F.relu(self.point_norm(self.point_fc1(neighborhood)), inplace=True)
        if self.last_point_fc is not self.point_fc2:
            hidden = F.relu(self.point_norm2(self.point_fc2(hidden)), inplace=True)
        return hidden

    def forward(self, neighborhood: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Tokens of groups.

        Args:
            neighborhood: ``(B, G, K, ch)``.
            wanted: int64 ``(B, V)``, the groups whose tokens are returned; all when ``None``.
                Batch normalization sees every group either way.

        Returns:
            ``(B, V, C)``.
        """
        return self.form_for(neighborhood)(neighborhood, wanted)

    def forward_plain(self, neighborhood: Tensor, wanted: Tensor | None = None) -> Tensor:
        """As the paper writes it."""
        points = self.last_point_fc(self.hidden(neighborhood))  # (B, G, K, 256)
        group = points.max(2, keepdim=True).values.expand_as(points)
        points = self.group_fc1(cat([group, points], dim=-1))  # (B, G, K, 512)
        tokens = self.group_fc2(self.group_norm(points).relu())  # (B, G, C)
        return tokens if wanted is None else gather_points(tokens, wanted)

    def forward_fast(self, neighborhood: Tensor, wanted: Tensor | None = None) -> Tensor:
        """With a third of the multiplications."""
        return embed_patches(self, neighborhood, wanted)
