"""Sampling, grouping, interpolation, Chamfer, for any device and float dtype."""

from .ball_query import ball_query
from .chamfer import NearestPairs, chamfer_distance, nearest_pairs
from .furthest_point_sample import furthest_point_sample
from .gather import gather_points
from .greedy_order import greedy_order
from .group import PointGroups, group_points
from .interpolate import three_interpolate
from .knn import knn

__all__ = [
    'NearestPairs',
    'PointGroups',
    'ball_query',
    'chamfer_distance',
    'furthest_point_sample',
    'gather_points',
    'greedy_order',
    'group_points',
    'knn',
    'nearest_pairs',
    'three_interpolate',
]
