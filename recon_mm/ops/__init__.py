"""Sampling, grouping, interpolation, Chamfer, for any device and float dtype."""

from .ball_query import ball_query
from .chamfer import chamfer_distance
from .furthest_point_sample import furthest_point_sample
from .gather import gather_points
from .group import PointGroups, group_points
from .interpolate import three_interpolate
from .knn import knn

__all__ = [
    'PointGroups',
    'ball_query',
    'chamfer_distance',
    'furthest_point_sample',
    'gather_points',
    'group_points',
    'knn',
    'three_interpolate',
]
