"""Furthest point sampling: points that cover a cloud (paper section 3.1, patch centres)."""

import torch
from torch import Tensor

from ._check import check_count, check_points


def furthest_point_sample(points: Tensor, num_samples: int) -> Tensor:
    """Picks points one by one, each the furthest from those picked before.

    Starts at point 0. Distances are squared Euclidean in float32; among equally far points the
    lowest index wins.

    Args:
        points: (B, N, 3), any float dtype and device.
        num_samples: How many points to pick, 1 to N.

    Returns:
        int64 indices (B, num_samples), in the order picked.

    Raises:
        ValueError: If ``points`` is not (B, N, 3) or ``num_samples`` is not in 1..N.
    """
    check_points(points, 'points')
    check_count(num_samples, points.shape[1], 'num_samples', 'points')
    xyz = points.detach().float().permute(2, 0, 1).contiguous()  # (3, B, N)
    batch, num_points = xyz.shape[1:]
    nearest = xyz.new_full((batch, num_points), torch.inf)
    index = torch.zeros(batch, num_samples, dtype=torch.int64, device=xyz.device)
    for i in range(1, num_samples):
        picked = index[:, i - 1].view(1, batch, 1).expand(3, -1, -1)
        square = (xyz - xyz.gather(2, picked)).square_()
        torch.minimum(nearest, square[0] + square[1] + square[2], out=nearest)
        torch.argmax(nearest, dim=1, out=index[:, i])
    return index
