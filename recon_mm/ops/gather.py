"""Rows of a batch of tables, by index."""

import torch
from torch import Tensor

from ._check import check_same_batch


def flat_index(index: Tensor, num_points: int) -> Tensor:
    """Indices into (B, N, C) as indices into the same memory viewed as (B N, C).

    Args:
        index: int64 (B, ...), values in 0..N-1.
        num_points: N.

    Returns:
        int64 (B, M), where M is the product of the other dimensions.
    """
    start = torch.arange(index.shape[0], device=index.device) * num_points
    return index.flatten(1) + start[:, None]


def gather_points(features: Tensor, index: Tensor) -> Tensor:
    """Takes points (or their features) by index, with the gradient going back to them.

    Args:
        features: (B, N, C), any dtype and device.
        index: int64 (B, ...), values in 0..N-1 (not checked: that would cost a host sync).

    Returns:
        (B, ..., C), in the dtype of ``features``.

    Raises:
        ValueError: If ``features`` is not (B, N, C), ``index`` has no dimension after the batch,
            or the batch sizes differ.
    """
    if features.ndim != 3:
        raise ValueError(f'features has shape {tuple(features.shape)}, expected (B, N, C)')
    if index.ndim < 2:
        raise ValueError(f'index has shape {tuple(index.shape)}, expected (B, ...)')
    check_same_batch(features, index, 'features', 'index')
    num_points, channels = features.shape[1:]
    rows = flat_index(index, num_points).flatten()
    # Entire rows: several times faster than torch.gather with one index per number.
    return features.reshape(-1, channels).index_select(0, rows).view(*index.shape, channels)
