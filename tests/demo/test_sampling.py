"""Points: spread by area, on the surface, with the labels of their triangles."""

import numpy as np
import pytest

from demo.objects import DemoObject, seeded
from demo.sampling import sample_surface

pytest.importorskip('trimesh')


@pytest.fixture
def two_squares():
    """A square of area 3 at x < 0 (part 1) and one of area 1 at x > 0 (part 0), cut unevenly."""
    vertices = np.array(
        [(-3, 0, 0), (0, 0, 0), (0, 0, 1), (-3, 0, 1), (1, 0, 0), (1, 0, 1), (-2.9, 0, 0)], float
    )
    faces = np.array([(0, 6, 3), (6, 1, 3), (1, 2, 3), (1, 4, 5), (1, 5, 2)])
    return DemoObject(('right', 'left'), vertices, faces, np.array([1, 1, 1, 0, 0]))


def test_points_are_uniform_by_area(two_squares):
    count = 8000
    cloud = sample_surface(two_squares, count, seeded(0), noise=0)
    assert cloud.points.dtype == cloud.normals.dtype == np.float32
    assert cloud.parts.dtype == np.int64
    np.testing.assert_array_equal(cloud.parts == 1, cloud.points[:, 0] < 0)
    # 16 cells of equal area: a chi-square of 15 degrees of freedom is below 38 but once in 1000
    cells = np.histogram2d(cloud.points[:, 0], cloud.points[:, 2], (8, 2), [(-3, 1), (0, 1)])[0]
    assert ((cells - count / 16) ** 2 / (count / 16)).sum() < 38


def test_normals_are_the_faces(two_squares):
    cloud = sample_surface(two_squares, 100, seeded(0), noise=0)
    np.testing.assert_allclose(np.abs(cloud.normals), np.tile((0, 1, 0), (100, 1)), atol=1e-6)


def test_noise_moves_along_the_normal_only(two_squares):
    cloud = sample_surface(two_squares, 4000, seeded(0), noise=0.1)
    assert cloud.points[:, 1].std() == pytest.approx(0.1, rel=0.1)
    assert cloud.points[:, 2].min() >= 0


def test_same_seed_same_points(two_squares):
    first, second = (sample_surface(two_squares, 50, seeded(7)) for _ in range(2))
    np.testing.assert_array_equal(first.points, second.points)
