"""The k-d tree of scipy, for neighbors on the CPU: scipy is optional (scikit-learn brings it)."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from torch import Tensor

TREE_MIN_POINTS = 512  # below, all distances cost less than building a tree


@cache
def kdtree() -> Any:
    """The class, or None."""
    return import_module('scipy.spatial').cKDTree if find_spec('scipy') else None


def tree_pays(points: Tensor) -> bool:
    """Whether neighbors in clouds ``(B, N, 3)`` are best looked for by trees."""
    on_cpu = points.device.type == 'cpu'
    return on_cpu and points.shape[1] >= TREE_MIN_POINTS and kdtree() is not None


def build_tree(cloud: Any) -> Any:
    """The tree of one cloud, numpy ``(N, 3)``."""
    # Splits at the middle of a box are found faster than medians; queries cost the same.
    return kdtree()(cloud, balanced_tree=False, compact_nodes=False)
