"""The k nearest points (the points of a patch)."""

import numpy as np
import torch
from torch import Tensor

from ._check import check_count, check_points, check_same_batch
from ._distance import nearest_by_matrix
from ._tree import build_tree, tree_pays
from .compiled import compiled_op

MMCV_MAX_K = 99  # mmcv's kernel keeps its neighbors in an array of 100


def knn(query: Tensor, points: Tensor, k: int) -> Tensor:
    """Finds the ``k`` nearest points of each query, at float32 accuracy. No gradient.

    Among points equally near (to float32 rounding) at the k-th place, any may be returned.

    Args:
        query: (B, Q, 3), any float dtype and device.
        points: (B, N, 3), on the same device.
        k: How many neighbors, 1 to N.

    Returns:
        int64 indices into ``points``, (B, Q, k), in no guaranteed order, except that up to three
        neighbors come nearest first.

    Raises:
        TypeError: If an input does not hold floating point numbers.
        ValueError: If a shape is not as above, the batch sizes differ, or ``k`` is not in 1..N.
    """
    check_points(query, 'query')
    check_points(points, 'points')
    check_same_batch(query, points, 'query', 'points')
    check_count(k, points.shape[1], 'k', 'points')
    return _nearest(query.detach().float(), points.detach().float(), k)


# An opaque op: torch.compile cannot trace trees, mmcv's kernels and the loop over blocks.
@torch.library.custom_op('recon_mm::knn', mutates_args=())
def _nearest(query: Tensor, points: Tensor, k: int) -> Tensor:
    if tree_pays(points):
        return nearest_by_tree(query, points, k)
    if k == 3 and (three_nn := compiled_op('three_nn', points)):
        return three_nn(query.contiguous(), points.contiguous())[1].long()
    if k <= MMCV_MAX_K and (compiled := compiled_op('knn', points)):
        index = compiled(k, points.contiguous(), query.contiguous())  # int32 (B, k, Q)
        return index.transpose(1, 2).contiguous().long()
    return nearest_by_matrix(query, points, k)


@_nearest.register_fake
def _(query: Tensor, points: Tensor, k: int) -> Tensor:
    return query.new_empty(*query.shape[:2], k, dtype=torch.int64)


def nearest_by_tree(query: Tensor, points: Tensor, k: int) -> Tensor:
    """The ``k`` nearest points by one k-d tree per cloud: O((N + Q k) log N), on the CPU.

    Args:
        query: float32 (B, Q, 3).
        points: float32 (B, N, 3).
        k: How many; nearest first.

    Returns:
        int64 (B, Q, k).
    """
    index = np.empty((*query.shape[:2], k), dtype=np.int64)
    queries, clouds = query.numpy(), points.numpy()
    for i in range(len(clouds)):
        index[i] = build_tree(clouds[i]).query(queries[i], k)[1].reshape(-1, k)
    return torch.from_numpy(index)
