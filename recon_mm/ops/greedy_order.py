"""Centers in the order of a walk from neighbor to neighbor (ReCon++ with causal masks)."""

import torch
from torch import Tensor

from ._check import check_points
from ._distance import squared_distance


def greedy_order(center: Tensor) -> Tensor:
    """Begins with center 0; next is always the unvisited one nearest to the last.

    Of equally near ones the lowest index is next. One step is made for all clouds at once.

    Args:
        center: (B, G, 3), any float dtype and device.

    Returns:
        int64 (B, G), a permutation of each cloud's centers.

    Raises:
        TypeError: If ``center`` does not hold floating point numbers.
        ValueError: If its shape is not as above.
    """
    check_points(center, 'center')
    return _walk(center.detach().float())


# An opaque op: torch.compile must not unroll the loop.
@torch.library.custom_op('recon_mm::greedy_order', mutates_args=())
def _walk(center: Tensor) -> Tensor:
    batch, num_groups, _ = center.shape
    distance = squared_distance(center, center).flatten(0, 1)  # (B G, G)
    first = torch.arange(batch, device=center.device) * num_groups
    visited = torch.zeros(batch, num_groups, device=center.device)
    order = torch.zeros(batch, num_groups, dtype=torch.int64, device=center.device)
    for i in range(1, num_groups):
        last = order[:, i - 1]
        visited.scatter_(1, last[:, None], float('inf'))
        order[:, i] = (distance[first + last] + visited).argmin(1)
    return order


@_walk.register_fake
def _(center: Tensor) -> Tensor:
    return center.new_empty(center.shape[:2], dtype=torch.int64)
