"""From patch features to point features (part segmentation)."""

from torch import Tensor

from .gather import gather_points
from .knn import knn

EPS = 1e-8  # keeps a query that lies on a source point finite; the authors' value


def three_interpolate(query: Tensor, source: Tensor, features: Tensor) -> Tensor:
    """Interpolates features from the three nearest source points of each query.

    Weights are 1 / (squared distance + 1e-8), normalised to sum 1. The gradient goes to
    ``features`` only.

    Args:
        query: (B, N, 3), any float dtype and device: where features are wanted.
        source: (B, S, 3), S >= 3: where they are known.
        features: (B, S, C).

    Returns:
        (B, N, C), in the dtype of ``features``, computed in float32.

    Raises:
        ValueError: If a shape is not as above.
    """
    index = knn(query, source, 3)  # (B, N, 3)
    query, source = query.detach().float(), source.detach().float()
    near = gather_points(source, index)  # (B, N, 3, 3)
    weight = 1 / ((near - query.unsqueeze(2)).square().sum(-1, keepdim=True) + EPS)
    weight = weight / weight.sum(2, keepdim=True)
    return (gather_points(features.float(), index) * weight).sum(2).to(features.dtype)
