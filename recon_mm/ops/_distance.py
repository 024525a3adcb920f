"""Squared distances, in blocks of bounded memory."""

from collections.abc import Iterator

import torch
from torch import Tensor

CPU_ELEMENTS = 1 << 21  # 8 MB of float32; smaller blocks pay more for starting threads
GPU_ELEMENTS = 1 << 26  # 256 MB


def max_elements(tensor: Tensor) -> int:
    """How many distances to hold at once on the device of ``tensor``."""
    return CPU_ELEMENTS if tensor.device.type == 'cpu' else GPU_ELEMENTS


def squared_distance(first: Tensor, second: Tensor) -> Tensor:
    """All squared distances, from differences and without a (B, P, T, 3) temporary.

    The matrix product |a|^2 - 2ab + |b|^2 loses the digits that decide which point is nearest.

    Args:
        first: (B, P, 3).
        second: (B, T, 3).

    Returns:
        (B, P, T).
    """
    x, y, z = ((first[..., i, None] - second[:, None, :, i]).square_() for i in range(3))
    return x.add_(y).add_(z)


def blocks(batch: int, rows: int, columns: int, limit: int) -> Iterator[tuple[slice, slice]]:
    """Cuts a (batch, rows, columns) array into (batch, rows) slices of at most ``limit`` elements.

    Several complete clouds where one fits, else some rows (at least one) of one cloud.
    """
    if rows * columns <= limit:
        clouds = limit // (rows * columns)
        for start in range(0, batch, clouds):
            yield slice(start, start + clouds), slice(None)
        return
    step = max(1, limit // columns)
    for cloud in range(batch):
        for start in range(0, rows, step):
            yield slice(cloud, cloud + 1), slice(start, start + step)


def nearest_by_matrix(query: Tensor, points: Tensor, k: int) -> Tensor:
    """The ``k`` nearest points from all distances, O(Q N).

    Args:
        query: float32 (B, Q, 3).
        points: float32 (B, N, 3).
        k: How many; up to three come nearest first.

    Returns:
        int64 (B, Q, k).
    """
    batch, rows, columns = *query.shape[:2], points.shape[1]
    index = torch.empty(batch, rows, k, dtype=torch.int64, device=query.device)
    for clouds, queries in blocks(batch, rows, columns, max_elements(query)):
        distance = squared_distance(query[clouds, queries], points[clouds])
        index[clouds, queries] = distance.topk(k, largest=False, sorted=k <= 3)[1]
    return index
