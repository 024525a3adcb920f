"""Chamfer distance between point sets (the reconstruction loss)."""

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from ._check import check_points, check_same_batch
from ._distance import blocks, max_elements, squared_distance
from .gather import gather_points
from .knn import knn

PAIR_ELEMENTS = 1 << 17  # for larger sets two searches (CPU: by tree) beat one matrix


class NearestPairs(NamedTuple):
    """Each point of two sets with the nearest of the other set.

    Attributes:
        forward: float32 (B, P, 3), prediction minus its nearest target; with gradient.
        backward: float32 (B, T, 3), target minus its nearest prediction.
        in_target: int64 (B, P), the nearest target.
    """

    forward: Tensor
    backward: Tensor
    in_target: Tensor

    def distance(self, norm: Literal['l2', 'l1']) -> Tensor:
        """The Chamfer distance, as :func:`chamfer_distance` says."""
        if norm == 'l2':
            return self.forward.square().sum(-1).mean() + self.backward.square().sum(-1).mean()
        return (self.forward.norm(dim=-1).mean() + self.backward.norm(dim=-1).mean()) / 2


def chamfer_distance(
    prediction: Tensor, target: Tensor, norm: Literal['l2', 'l1'] = 'l2'
) -> Tensor:
    """Mean distance of each point to the nearest point of the other set, both directions.

    'l2': the sum of both directions' means of squared distances. 'l1': half the sum of both
    directions' means of distances (with gradient 0 where two points coincide).

    Args:
        prediction: (B, P, 3), any float dtype and device.
        target: (B, T, 3).
        norm: 'l2' or 'l1'.

    Returns:
        A float32 scalar; the gradient goes to both sets.

    Raises:
        TypeError: If an input does not hold floating point numbers.
        ValueError: If a shape is not as above or ``norm`` is neither of the two.
    """
    if norm not in ('l2', 'l1'):
        raise ValueError(f"norm={norm!r}, expected 'l2' or 'l1'")
    return nearest_pairs(prediction, target).distance(norm)


def nearest_pairs(prediction: Tensor, target: Tensor) -> NearestPairs:
    """The pairs that count in a Chamfer distance.

    The nearest points are found without autograd; the gradient then flows through the P + T
    distances that count, not through the P x T matrix.

    Args:
        prediction: (B, P, 3), any float dtype and device.
        target: (B, T, 3).

    Raises:
        TypeError: If an input does not hold floating point numbers.
        ValueError: If a shape is not as above.
    """
    check_points(prediction, 'prediction')
    check_points(target, 'target')
    check_same_batch(prediction, target, 'prediction', 'target')
    prediction, target = prediction.float(), target.float()
    in_target, in_prediction = _nearest_pair(prediction.detach(), target.detach())
    forward = prediction - gather_points(target, in_target)  # (B, P, 3)
    backward = target - gather_points(prediction, in_prediction)  # (B, T, 3)
    return NearestPairs(forward, backward, in_target)


# An opaque op: torch.compile must not unroll the loop over blocks.
@torch.library.custom_op('recon_mm::nearest_pair', mutates_args=())
def _nearest_pair(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    batch, rows, columns = *first.shape[:2], second.shape[1]
    if rows * columns > PAIR_ELEMENTS:
        return knn(first, second, 1).squeeze(-1), knn(second, first, 1).squeeze(-1)
    in_second = torch.empty(batch, rows, dtype=torch.int64, device=first.device)
    in_first = torch.empty(batch, columns, dtype=torch.int64, device=first.device)
    for clouds, _ in blocks(batch, rows, columns, max_elements(first)):
        distance = squared_distance(first[clouds], second[clouds])
        in_second[clouds] = distance.min(2)[1]  # faster than argmin on the CPU
        in_first[clouds] = distance.min(1)[1]
    return in_second, in_first


@_nearest_pair.register_fake
def _(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    return (
        first.new_empty(first.shape[:2], dtype=torch.int64),
        second.new_empty(second.shape[:2], dtype=torch.int64),
    )
