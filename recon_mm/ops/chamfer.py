"""Chamfer distance between point sets (paper section 3.2, the reconstruction loss)."""

from typing import Literal

from torch import Tensor

from .gather import gather_points
from .knn import knn


def chamfer_distance(
    prediction: Tensor, target: Tensor, norm: Literal['l2', 'l1'] = 'l2'
) -> Tensor:
    """Mean distance of each point to the nearest point of the other set, both directions.

    'l2': the sum of both directions' means of squared distances. 'l1': half the sum of both
    directions' means of distances.

    Args:
        prediction: (B, P, 3), any float dtype and device.
        target: (B, T, 3).
        norm: 'l2' or 'l1'.

    Returns:
        A float32 scalar; the gradient goes to both sets.

    Raises:
        ValueError: If a shape is not as above or ``norm`` is another word.
    """
    if norm not in ('l2', 'l1'):
        raise ValueError(f"norm={norm!r}, expected 'l2' or 'l1'")
    prediction, target = prediction.float(), target.float()
    forth = prediction - gather_points(target, knn(prediction, target, 1)[..., 0])
    back = target - gather_points(prediction, knn(target, prediction, 1)[..., 0])
    if norm == 'l2':
        return forth.square().sum(-1).mean() + back.square().sum(-1).mean()
    return (forth.norm(dim=-1).mean() + back.norm(dim=-1).mean()) / 2
