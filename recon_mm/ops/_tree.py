"""scipy's k-d tree, for neighbors on the CPU; scipy is optional (scikit-learn installs it)."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from torch import Tensor

TREE_MIN_POINTS = 512  # below, all distances cost less than building a tree


@cache
def kdtree() -> Any:
    """The class, or None without scipy."""
    return import_module('scipy.spatial').cKDTree if find_spec('scipy') else None


def tree_pays(points: Tensor) -> bool:
    """Whether a tree is the fastest way to find neighbors in clouds ``(B, N, 3)``."""
    on_cpu = points.device.type == 'cpu'
    return on_cpu and points.shape[1] >= TREE_MIN_POINTS and kdtree() is not None


def build_tree(cloud: Any) -> Any:
    """The tree of one cloud, numpy ``(N, 3)``."""
    # Midpoint splits are found faster than medians; queries cost the same.
    return kdtree()(cloud, balanced_tree=False, compact_nodes=False)
