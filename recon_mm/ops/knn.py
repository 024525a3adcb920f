"""The k nearest points (paper section 3.1, the points of a patch)."""

import torch
from torch import Tensor

from ._check import check_count, check_points, check_same_batch


def knn(query: Tensor, points: Tensor, k: int) -> Tensor:
    """Finds the ``k`` nearest points of each query, in float32.

    Args:
        query: (B, Q, 3), any float dtype and device.
        points: (B, N, 3), on the same device.
        k: How many neighbours, 1 to N.

    Returns:
        int64 indices into ``points``, (B, Q, k), in no promised order, except that up to three
        neighbours come nearest first.

    Raises:
        ValueError: If a shape is not as above, the batch sizes differ, or ``k`` is not in 1..N.
    """
    check_points(query, 'query')
    check_points(points, 'points')
    check_same_batch(query, points, 'query', 'points')
    check_count(k, points.shape[1], 'k', 'points')
    query, points = query.detach().float(), points.detach().float()
    difference = query.unsqueeze(2) - points.unsqueeze(1)  # (B, Q, N, 3)
    distance = difference.square().sum(-1)
    return distance.topk(k, dim=-1, largest=False, sorted=k <= 3)[1]
