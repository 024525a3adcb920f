"""Patch embedding: a small PointNet shared over all groups of points."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recon_mm.ops import gather_points

from .batch_norm import SyncBatchNorm, linear_norm, norm_unless_folded, weight_columns


class PatchEmbed(nn.Module):
    """Points of a group, relative to its centre, to one token (paper section 3.1).

    Per point: 3 → 128 → 256; the maximum over the group joins every point (512); per point again
    512 → 512 → C; the maximum over the group is the token. The same numbers are had with a third
    of the work: the layer after the join is split by columns. Its half on the maximum is computed
    once a group. Its half on the point follows a linear layer (128 → 256) with nothing between
    them, so both are one linear layer 128 → 512, whose weight is their product.

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

    def forward(self, neighborhood: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Tokens of groups.

        Args:
            neighborhood: ``(B, G, K, 3)``.
            wanted: int64 ``(B, V)``, the groups whose tokens are returned; all when ``None``.
                Batch normalisation sees every group either way.

        Returns:
            ``(B, V, C)``.
        """
        hidden = F.relu(linear_norm(neighborhood, self.point_fc1, self.point_norm), inplace=True)
        joined = self._join(hidden)  # (B, G, K, 512)
        if wanted is not None:
            joined = gather_points(joined.flatten(2), wanted).unflatten(2, joined.shape[2:])
        return _group_max(self.group_fc2(F.relu(joined, inplace=True)))

    def _join(self, hidden: Tensor) -> Tensor:
        """From 128 numbers a point to the normalised layer on [group maximum, point]."""
        group = _group_max(self.point_fc2(hidden))  # (B, G, 256)
        (on_group, on_point), bias = weight_columns(self.group_fc1, self.group_norm, (256, 256))
        on_hidden = on_point @ self.point_fc2.weight  # (512, 128)
        bias = bias + on_point @ self.point_fc2.bias
        joined = F.linear(hidden, on_hidden)
        joined += F.linear(group, on_group, bias).unsqueeze(2)
        return norm_unless_folded(joined, self.group_norm)


def _group_max(features: Tensor) -> Tensor:
    """Maximum over the points of each group, ``(B, G, K, C)`` to ``(B, G, C)``."""
    # Unlike amax, it remembers where the maximum was and need not look for it on the way back.
    return features.max(dim=2).values if torch.is_grad_enabled() else features.amax(dim=2)
