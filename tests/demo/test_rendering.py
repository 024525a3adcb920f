"""Pictures: coverage, hidden surfaces, framing, determinism."""

import numpy as np
import pytest

from demo import rendering
from demo.objects import make_object, seeded

pytest.importorskip('trimesh')


def test_picture_is_an_object_on_white():
    picture = rendering.render(make_object('chair', seeded(0)), seeded(1))
    assert picture.shape == (224, 224, 3)
    assert picture.dtype == np.uint8
    drawn = (picture < 250).any(-1)
    assert 0.03 < drawn.mean() < 0.9
    assert not drawn[0].any() and not drawn[-1].any() and not drawn[:, 0].any()
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) > 150  # it fills the frame
    assert len(np.unique(picture[drawn], axis=0)) > 10  # it is shaded


def test_same_seed_same_picture_other_seed_other_view():
    shape = make_object('car', seeded(0))
    first, same, other = (rendering.render(shape, seeded(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()


def test_rasterize_covers_each_pixel_of_a_square_once():
    square = np.array([(2, 3), (12, 3), (12, 9), (2, 9)], float)
    corners = square[[[0, 1, 2], [0, 2, 3]]]
    hit = rendering._rasterize(corners, np.ones((2, 3)), 16)
    expected = [row * 16 + column for row in range(3, 9) for column in range(2, 12)]
    assert sorted(hit.pixel) == expected
    np.testing.assert_allclose(hit.nearness, 1)


def test_rasterize_interpolates_inverse_depth():
    corners = np.array([[(0, 0), (16, 0), (0, 16)]], float)
    hit = rendering._rasterize(corners, np.array([[0.0, 16.0, 32.0]]), 16)
    x, y = hit.pixel % 16 + 0.5, hit.pixel // 16 + 0.5
    np.testing.assert_allclose(hit.nearness, x + 2 * y)


def test_rasterize_clips_what_is_outside():
    corners = np.array([[(-50, -50), (50, -50), (0, 50)], [(30, 30), (40, 30), (30, 40)]], float)
    hit = rendering._rasterize(corners, np.ones((2, 3)), 8)
    assert set(hit.face) == {0}
    assert sorted(hit.pixel) == list(range(64))
