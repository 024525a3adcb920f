"""Clouds of unequal sizes."""

import numpy as np
import pytest


@pytest.fixture
def clouds() -> list[np.ndarray]:
    """Far from the origin, of several sizes, two of them equal; one with fewer than 1024 points."""
    rng = np.random.default_rng(0)
    sizes = (1500, 1100, 1500, 90)
    return [(rng.normal(size=(n, 3)) * (1, 2, 3) + 7).astype(np.float32) for n in sizes]
