"""Rows of a batch of tables, by index."""

from torch import Tensor

from ._check import check_same_batch


def gather_points(features: Tensor, index: Tensor) -> Tensor:
    """Takes points (or their features) by index, with the gradient going back to them.

    Args:
        features: (B, N, C), any dtype.
        index: int64 (B, ...), values in 0..N-1.

    Returns:
        (B, ..., C), in the dtype of ``features``.

    Raises:
        ValueError: If ``features`` is not (B, N, C) or the batch sizes differ.
    """
    if features.ndim != 3:
        raise ValueError(f'features has shape {tuple(features.shape)}, expected (B, N, C)')
    check_same_batch(features, index, 'features', 'index')
    channels = features.shape[2]
    flat = index.reshape(index.shape[0], -1, 1).expand(-1, -1, channels)
    return features.gather(1, flat).reshape(*index.shape, channels)
