"""Clouds into patches, the input of the patch embedding."""

from typing import NamedTuple

import torch
from torch import Tensor

from ._check import check_count, check_points
from .ball_query import ball_query
from .furthest_point_sample import furthest_point_sample
from .gather import gather_points
from .knn import knn


class PointGroups(NamedTuple):
    """The patches of a batch of clouds.

    Attributes:
        center: float32 (B, G, 3).
        neighborhood: float32 (B, G, K, 3), relative to the center.
        center_index: int64 (B, G), into the cloud.
        group_index: int64 (B, G, K), into the cloud; in no guaranteed order within a group.
    """

    center: Tensor
    neighborhood: Tensor
    center_index: Tensor
    group_index: Tensor

    def reorder(self, order: Tensor) -> 'PointGroups':
        """The same groups in the order int64 (B, G)."""
        rows = torch.arange(len(order), device=order.device)[:, None]
        return PointGroups(*(part[rows, order] for part in self))

    def with_channels(self, channels: Tensor) -> 'PointGroups':
        """With other numbers of each point (B, N, c): neighborhoods (B, G, K, 3 + c)."""
        of_groups = gather_points(channels.float(), self.group_index)
        return self._replace(neighborhood=torch.cat([self.neighborhood, of_groups], dim=-1))


def group_points(
    points: Tensor, num_groups: int, group_size: int, group_radius: float | None = None
) -> PointGroups:
    """Cuts clouds into patches: furthest point samples, and points near each of them.

    Coordinates are float32 whatever the input, and keep the gradient to ``points``.

    Args:
        points: (B, N, 3), any float dtype and device.
        num_groups: G, patches per cloud, 1 to N.
        group_size: K, points per patch, 1 to N.
        group_radius: If given, a patch holds K points within this distance of its center, some
            repeated if there are fewer (:func:`ball_query`). Otherwise the K nearest, including
            the center.

    Raises:
        TypeError: If ``points`` does not hold floating point numbers.
        ValueError: If ``points`` is not (B, N, 3), or G or K is not in 1..N.
    """
    check_points(points, 'points')
    check_count(num_groups, points.shape[1], 'num_groups', 'points')
    check_count(group_size, points.shape[1], 'group_size', 'points')
    points = points.float()
    center_index = furthest_point_sample(points, num_groups)
    center = gather_points(points, center_index)
    if group_radius is None:
        group_index = knn(center, points, group_size)
    else:
        group_index = ball_query(center, points, group_radius, group_size)
    neighborhood = gather_points(points, group_index) - center.unsqueeze(2)
    return PointGroups(center, neighborhood, center_index, group_index)
