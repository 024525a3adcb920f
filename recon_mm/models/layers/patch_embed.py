"""Patch embedding: a small PointNet shared over all groups of points."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recon_mm.ops import gather_points

from .batch_norm import SyncBatchNorm, linear_norm
from .moments import joined_moments


class PatchEmbed(nn.Module):
    """Points of a group, relative to its center, to one token (paper section 3.1).

    Per point: 3 → 128 → 256; the maximum over the group joins every point (512); per point again
    512 → 512 → C; the maximum over the group is the token. The same numbers are had with a third
    of the work:

    - The layer after the join is split by columns. Its half on the maximum is computed once a
      group. Its half on the point follows a linear layer (128 → 256) with nothing between them,
      so both are one linear layer 128 → 512, whose weight is their product.
    - The batch normalization after it needs its output's mean and variance only, which come from
      those of the 128 numbers; it then is a factor on the weights. So the output itself is
      computed for the wanted patches alone, in training as in eval mode.

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
                Batch normalization sees every group either way.

        Returns:
            ``(B, V, C)``.
        """
        hidden = F.relu(linear_norm(neighborhood, self.point_fc1, self.point_norm), inplace=True)
        return _group_max(self.group_fc2(F.relu(self._join(hidden, wanted), inplace=True)))

    def _join(self, hidden: Tensor, wanted: Tensor | None) -> Tensor:
        """From 128 numbers a point to the normalized layer on [group maximum, point]."""
        on_group, on_point = self.group_fc1.weight.split(256, dim=1)
        on_hidden = on_point @ self.point_fc2.weight  # (512, 128)
        bias = self.group_fc1.bias + on_point @ self.point_fc2.bias
        group = _group_max(self.point_fc2(hidden))  # (B, G, 256)
        group = F.linear(group, on_group, bias)  # (B, G, 512)
        mean, variance = self._statistics(hidden, on_hidden, group)
        scale = self.group_norm.weight * torch.rsqrt(variance + self.group_norm.eps)
        group = (group - mean) * scale + self.group_norm.bias
        if wanted is not None:
            group = gather_points(group, wanted)
            hidden = gather_points(hidden.flatten(2), wanted).unflatten(2, hidden.shape[2:])
        joined = F.linear(hidden, on_hidden * scale[:, None])  # (B, V, K, 512)
        joined += group.unsqueeze(2)
        return joined

    def _statistics(self, hidden: Tensor, weight: Tensor, group: Tensor) -> tuple[Tensor, Tensor]:
        norm = self.group_norm
        if not norm.training:
            assert norm.running_mean is not None and norm.running_var is not None
            return norm.running_mean, norm.running_var
        mean, variance, count = joined_moments(hidden.flatten(0, 1), weight, group.flatten(0, 1))
        norm.track(mean, variance, count)
        return mean, variance


def _group_max(features: Tensor) -> Tensor:
    """Maximum over the points of each group, ``(B, G, K, C)`` to ``(B, G, C)``."""
    # Unlike amax, it remembers where the maximum was and need not look for it on the way back.
    return features.max(dim=2).values if torch.is_grad_enabled() else features.amax(dim=2)
