"""What scans lose and gain."""

import numpy as np
import pytest

from demo.objects import make_object, seeded
from demo.scanning import background, draw_points, perturb, scan_object

pytest.importorskip('trimesh')


def test_background_lies_low_or_at_the_sides():
    points = scan_object(make_object('chair', seeded(0)), seeded(1))
    around = background(points, seeded(2))
    assert 0.1 * len(points) - 1 <= len(around) <= 0.4 * len(points)
    assert (np.abs(around[:, 1] - points[:, 1].min()) < 0.05).mean() > 0.3


def test_perturb_cuts_rotates_about_y_and_scales():
    points = seeded(0).uniform(-1, 1, (5000, 3))
    inside, around = perturb(points, points * 3, seeded(4))
    assert 0 < len(inside) <= len(points)
    assert len(around) < 5000
    # a rotation about y with a scale keeps the ratio of height to its own scale: 0.75 to 1.25
    assert 0.75 * 0.7 < np.abs(inside[:, 1]).max() < 1.25 + 1e-9


@pytest.mark.parametrize('available', [100, 5000])
def test_draw_points_fills_the_unit_ball(available):
    cloud = seeded(1).normal(5, 2, (available, 3))
    points = draw_points(cloud, 2048, seeded(0))
    assert points.shape == (2048, 3) and points.dtype == np.float32
    np.testing.assert_allclose(points.mean(0), 0, atol=1e-5)
    assert np.linalg.norm(points, axis=1).max() == pytest.approx(1)
    assert len(np.unique(points, axis=0)) == min(available, 2048)
