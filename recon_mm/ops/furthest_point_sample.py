"""Furthest point sampling: points that cover a cloud (the centers of the patches)."""

import numpy as np
import torch
from torch import Tensor

from ._check import check_count, check_points
from .compiled import compiled_op

CPU_POINTS = 1 << 16  # points of the clouds processed together: their buffers stay in the cache


def furthest_point_sample(points: Tensor, num_samples: int) -> Tensor:
    """Selects points one by one, each the furthest from those selected before.

    Starts at point 0. Distances are squared Euclidean in float32. Among equally far points the
    lowest index wins (mmcv's CUDA op may select a different one of them). No gradient.

    Args:
        points: (B, N, 3), any float dtype and device.
        num_samples: How many points to select, 1 to N.

    Returns:
        int64 indices (B, num_samples), in the order of selection.

    Raises:
        TypeError: If ``points`` does not hold floating point numbers.
        ValueError: If ``points`` is not (B, N, 3) or ``num_samples`` is not in 1..N.
    """
    check_points(points, 'points')
    check_count(num_samples, points.shape[1], 'num_samples', 'points')
    return _sample(points.detach().float(), num_samples)


# An opaque op: torch.compile must not unroll the loop over samples.
@torch.library.custom_op('recon_mm::furthest_point_sample', mutates_args=())
def _sample(points: Tensor, num_samples: int) -> Tensor:
    if points.device.type == 'cpu':
        return sample_numpy(points, num_samples)
    compiled = compiled_op('furthest_point_sample', points)
    if compiled is not None:
        with torch.cuda.device(points.device):  # mmcv allocates on the current device
            return compiled(points.contiguous(), num_samples).long()
    return sample_torch(points, num_samples)


@_sample.register_fake
def _(points: Tensor, num_samples: int) -> Tensor:
    return points.new_empty(points.shape[0], num_samples, dtype=torch.int64)


def sample_torch(points: Tensor, num_samples: int) -> Tensor:
    """The torch implementation for any device: the whole batch per step, no host sync.

    Args:
        points: float32 (B, N, 3).
        num_samples: How many points to select.

    Returns:
        int64 (B, num_samples).
    """
    xyz = points.permute(2, 0, 1).contiguous()  # (3, B, N): long rows for the arithmetic
    batch, num_points = xyz.shape[1:]
    square = torch.empty_like(xyz)
    distance = xyz.new_empty(batch, num_points)
    nearest = xyz.new_full((batch, num_points), torch.inf)  # to the points selected so far
    index = torch.zeros(num_samples, batch, dtype=torch.int64, device=xyz.device)
    for i in range(1, num_samples):
        selected = xyz.gather(2, index[i - 1].view(1, batch, 1).expand(3, -1, -1))  # (3, B, 1)
        torch.sub(xyz, selected, out=square).square_()
        torch.add(square[0], square[1], out=distance).add_(square[2])
        torch.minimum(nearest, distance, out=nearest)
        torch.argmax(nearest, dim=1, out=index[i])
    return index.t().contiguous()


def sample_numpy(points: Tensor, num_samples: int) -> Tensor:
    """The CPU implementation: the same arithmetic in numpy, whose argmax is vectorized.

    Args:
        points: float32 (B, N, 3) on the CPU.
        num_samples: How many points to select.

    Returns:
        int64 (B, num_samples).
    """
    batch, num_points, _ = points.shape
    index = np.zeros((batch, num_samples), dtype=np.int64)
    step = max(1, CPU_POINTS // num_points)
    for start in range(0, batch, step):
        xyz = np.ascontiguousarray(points[start : start + step].numpy().transpose(2, 0, 1))
        square = np.empty_like(xyz)
        distance = np.empty_like(xyz[0])
        nearest = np.full_like(distance, np.inf)
        clouds = np.arange(xyz.shape[1])
        selected = np.zeros_like(clouds)
        for i in range(1, num_samples):
            np.subtract(xyz, xyz[:, clouds, selected, None], out=square)
            np.multiply(square, square, out=square)
            np.add(square[0], square[1], out=distance)
            np.add(distance, square[2], out=distance)
            np.minimum(nearest, distance, out=nearest)
            selected = nearest.argmax(axis=1)
            index[start : start + step, i] = selected
    return torch.from_numpy(index)
