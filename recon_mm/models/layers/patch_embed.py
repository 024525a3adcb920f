"""Patch embedding: a small PointNet shared over all groups of points."""

import torch.nn.functional as F
from torch import Tensor, nn

from .batch_norm import SyncBatchNorm, linear_norm, norm_unless_folded, weight_columns


class PatchEmbed(nn.Module):
    """Points of a group, relative to its centre, to one token (paper section 3.1).

    Per point: 3 → 128 → 256; the maximum over the group joins every point (512); per point again
    512 → 512 → C; the maximum over the group is the token. The layer after the join is split by
    columns: its half on the maximum is the same for all points of a group and computed once.

    Args:
        embed_dims: Token width C.
    """

    def __init__(self, embed_dims: int) -> None:
        super().__init__()
        self.point_fc1 = nn.Linear(3, 128)
        self.point_norm = SyncBatchNorm(128)
        self.point_fc2 = nn.Linear(128, 256)
        self.group_fc1 = nn.Linear(512, 512)
        self.group_norm = SyncBatchNorm(512)
        self.group_fc2 = nn.Linear(512, embed_dims)

    def forward(self, neighborhood: Tensor) -> Tensor:
        """``(B, G, K, 3)`` to ``(B, G, C)``."""
        hidden = F.relu(linear_norm(neighborhood, self.point_fc1, self.point_norm))
        points = self.point_fc2(hidden)  # (B, G, K, 256)
        group = points.amax(dim=2, keepdim=True)  # (B, G, 1, 256)
        hidden = F.relu(self._join(group, points))  # (B, G, K, 512)
        return self.group_fc2(hidden).amax(dim=2)

    def _join(self, group: Tensor, points: Tensor) -> Tensor:
        """The normalised first layer on [group maximum, point], without writing the join."""
        (on_group, on_points), bias = weight_columns(self.group_fc1, self.group_norm, (256, 256))
        joined = F.linear(points, on_points) + F.linear(group, on_group, bias)
        return norm_unless_folded(joined, self.group_norm)
