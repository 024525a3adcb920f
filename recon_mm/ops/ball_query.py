"""Points within a radius (the points of a patch in a scene, whose density varies)."""

import numpy as np
import torch
from torch import Tensor

from ._check import check_points, check_same_batch
from ._distance import blocks, max_elements, squared_distance
from ._tree import build_tree, tree_pays
from .compiled import compiled_op


def ball_query(
    query: Tensor, points: Tensor, radius: float, num_samples: int, min_radius: float = 0.0
) -> Tensor:
    """Finds points in the ball (or shell) around each query. No gradient.

    A point is inside where ``min_radius <= distance < radius``, or where the distance is 0. Of the
    points inside, the ``num_samples`` of lowest index are taken; if there are fewer, the first
    of them fills the rest; if there is none, point 0 does. These are mmcv's rules. A point whose
    distance equals the radius, to float32 rounding, may be in or out.

    Args:
        query: (B, Q, 3), any float dtype and device.
        points: (B, N, 3), on the same device.
        radius: In the unit of the points, greater than ``min_radius``.
        num_samples: Indices per query; may exceed N.
        min_radius: Inner radius.

    Returns:
        int64 indices into ``points``, (B, Q, num_samples).

    Raises:
        TypeError: If an input does not hold floating point numbers.
        ValueError: If a shape is not as above, the batch sizes differ, ``num_samples`` is below 1,
            or the radii do not satisfy 0 <= min_radius < radius.
    """
    check_points(query, 'query')
    check_points(points, 'points')
    check_same_batch(query, points, 'query', 'points')
    if num_samples < 1:
        raise ValueError(f'num_samples={num_samples}, expected at least 1')
    if not 0 <= min_radius < radius:
        raise ValueError(
            f'min_radius={min_radius} and radius={radius}, expected 0 <= min_radius < radius'
        )
    query, points = query.detach().float(), points.detach().float()
    return _in_ball(query, points, float(min_radius), float(radius), num_samples)


# An opaque op: torch.compile must not unroll the loop over blocks.
@torch.library.custom_op('recon_mm::ball_query', mutates_args=())
def _in_ball(
    query: Tensor, points: Tensor, min_radius: float, radius: float, num_samples: int
) -> Tensor:
    if min_radius == 0 and tree_pays(points):
        return in_ball_by_tree(query, points, radius, num_samples)
    compiled = compiled_op('ball_query', points)
    if compiled is not None:
        with torch.cuda.device(points.device):  # mmcv launches on the current device
            return compiled(
                min_radius, radius, num_samples, points.contiguous(), query.contiguous()
            ).long()
    return in_ball_by_matrix(query, points, min_radius, radius, num_samples)


@_in_ball.register_fake
def _(query: Tensor, points: Tensor, min_radius: float, radius: float, num_samples: int) -> Tensor:
    return query.new_empty(*query.shape[:2], num_samples, dtype=torch.int64)


def in_ball_by_matrix(
    query: Tensor, points: Tensor, min_radius: float, radius: float, num_samples: int
) -> Tensor:
    """The torch implementation for any device, from all distances in blocks.

    Args:
        query: float32 (B, Q, 3).
        points: float32 (B, N, 3).
        min_radius: Inner radius.
        radius: Outer radius.
        num_samples: Indices per query.

    Returns:
        int64 (B, Q, num_samples).
    """
    batch, rows, columns = *query.shape[:2], points.shape[1]
    index = torch.zeros(batch, rows, num_samples, dtype=torch.int64, device=query.device)
    for clouds, queries in blocks(batch, rows, columns, max_elements(query)):
        distance = squared_distance(query[clouds, queries], points[clouds])
        inside = (distance >= min_radius**2) & (distance < radius**2) | (distance == 0)
        index[clouds, queries] = _first_true(inside.flatten(0, 1), num_samples).view(
            *inside.shape[:2], num_samples
        )
    return index


def in_ball_by_tree(query: Tensor, points: Tensor, radius: float, num_samples: int) -> Tensor:
    """The same with one k-d tree per cloud, on the CPU, without inner radius: far fewer distances.

    Args:
        query: float32 (B, Q, 3).
        points: float32 (B, N, 3).
        radius: Radius of the balls.
        num_samples: Indices per query.

    Returns:
        int64 (B, Q, num_samples).
    """
    index = np.zeros((*query.shape[:2], num_samples), dtype=np.int64)
    below = np.nextafter(radius, 0)  # scipy's balls are closed
    for queries, cloud, rows in zip(query.numpy(), points.numpy(), index):
        found = build_tree(cloud).query_ball_point(queries, below, return_sorted=True)
        for row, inside in zip(rows, found):
            if inside:
                taken = inside[:num_samples]
                row[: len(taken)] = taken
                row[len(taken) :] = taken[0]
    return torch.from_numpy(index)


def _first_true(mask: Tensor, count: int) -> Tensor:
    """Column of the first ``count`` True of each row, the first repeated where there are fewer."""
    row, column = mask.nonzero(as_tuple=True)  # by rows, columns ascending
    found = mask.sum(1)
    start = found.cumsum(0) - found
    rank = torch.arange(len(row), device=mask.device) - start[row]
    first = torch.zeros(len(mask), dtype=torch.int64, device=mask.device)
    first[row[rank == 0]] = column[rank == 0]
    index = first[:, None].repeat(1, count)
    kept = rank < count
    index[row[kept], rank[kept]] = column[kept]
    return index
