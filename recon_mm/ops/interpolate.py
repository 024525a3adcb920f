"""From patch features to point features (part segmentation, scenes)."""

import torch.nn.functional as F
from torch import Tensor

from ._check import check_points, check_same_batch
from .gather import flat_index, gather_points
from .knn import knn

EPS = 1e-8  # keeps queries on a source point finite; the authors' value


def three_interpolate(query: Tensor, source: Tensor, features: Tensor) -> Tensor:
    """Interpolates features from the three nearest source points of each query.

    Weights are 1 / (squared distance + 1e-8), normalized to sum 1. The gradient goes to
    ``features`` only. No (B, N, 3, C) temporary.

    Args:
        query: (B, N, 3), any float dtype and device: where features are wanted.
        source: (B, S, 3), S >= 3: where they are known.
        features: (B, S, C).

    Returns:
        (B, N, C), in the dtype of ``features``, computed in float32.

    Raises:
        TypeError: If points do not hold floating point numbers.
        ValueError: If a shape is not as above.
    """
    check_points(source, 'source')
    if source.shape[1] < 3:
        raise ValueError(f'source holds {source.shape[1]} points per cloud, expected at least 3')
    if features.ndim != 3 or features.shape[1] != source.shape[1]:
        raise ValueError(
            f'features has shape {tuple(features.shape)}, expected (B, {source.shape[1]}, C): one '
            f'row per source point'
        )
    check_same_batch(source, features, 'source', 'features')
    index = knn(query, source, 3)  # (B, N, 3)
    query, source = query.detach().float(), source.detach().float()
    offset = gather_points(source, index) - query.unsqueeze(2)  # (B, N, 3 neighbors, 3)
    weight = 1 / (offset.square().sum(-1) + EPS)
    weight = weight / weight.sum(-1, keepdim=True)  # (B, N, 3)
    mixed = F.embedding_bag(
        flat_index(index, source.shape[1]).view(-1, 3),
        features.float().reshape(-1, features.shape[2]),
        per_sample_weights=weight.view(-1, 3),
        mode='sum',
    )
    return mixed.view(*query.shape[:2], -1).to(features.dtype)
