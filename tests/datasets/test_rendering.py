"""Pictures of meshes and clouds: coverage, depth, shading, and what is drawn together."""

import numpy as np
import pytest

from recon_mm.datasets import rendering
from recon_mm.datasets.rendering import rasterize, render_cloud, render_mesh

CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / np.sqrt(3)
CUBE = np.array(
    [
        *((0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1)),
        *((2, 3, 7), (2, 7, 6), (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)),
    ]
)


def test_a_cube_shows_the_three_sides_that_face_the_camera() -> None:
    picture = render_mesh(CORNERS, CUBE, np.radians(30), np.radians(30))
    assert picture.shape == (224, 224, 3) and picture.dtype == np.uint8
    colors, counts = np.unique(picture.reshape(-1, 3), axis=0, return_counts=True)
    sides = colors[counts > 2000]
    assert len(sides) == 4 and (sides[-1] == 255).all()  # and the white around it
    drawn = (picture < 250).any(-1)
    assert drawn[112, 112] and not drawn[0].any() and not drawn[:, 0].any()


def test_the_same_picture_whatever_is_drawn_together(monkeypatch) -> None:
    whole = render_mesh(CORNERS, CUBE, 0.5, 0.3)
    monkeypatch.setattr(rendering, 'CHUNK', 1000)
    np.testing.assert_array_equal(render_mesh(CORNERS, CUBE, 0.5, 0.3), whole)


def test_a_face_takes_its_color() -> None:
    colors = np.zeros((12, 3))
    colors[:, 0] = 1
    red, green, _ = render_mesh(CORNERS, CUBE, 0.5, 0.3, colors)[112, 112].astype(int)
    assert red > green + 50


@pytest.mark.parametrize('count', [40, 8192, 100_000])
def test_a_cloud_is_closed_and_lit_from_above(count: int) -> None:
    points = np.random.default_rng(0).normal(size=(count, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    picture = render_cloud(points, 0.5, 0.3).astype(float)
    drawn = (picture < 250).any(-1)
    if count > 40:
        assert drawn[60:160, 60:160].all()
        assert picture[30:70, 112].mean() > picture[150:190, 112].mean() + 10
    else:
        assert 0.05 < drawn.mean() < 0.9


@pytest.mark.parametrize('count', [60, 1024, 8192])
@pytest.mark.parametrize('axis', [0, 1])
def test_a_cloud_lies_whole_in_the_picture(count: int, axis: int) -> None:
    """Of a bar as long as the picture, both ends are seen, as thick as its middle."""
    points = np.random.default_rng(0).uniform(-0.05, 0.05, (count, 3))
    points[:, axis] *= 19
    drawn = (render_cloud(points, 0.0, 0.0) < 250).any(-1)
    along = drawn.any(axis)  # of columns where the bar lies along x, else of rows
    assert not along[:2].any() and not along[-2:].any()
    assert along.mean() > 0.85


def test_rasterize_covers_each_pixel_of_a_square_once() -> None:
    square = np.array([(2, 3), (12, 3), (12, 9), (2, 9)], float)
    corners = square[[[0, 1, 2], [0, 2, 3]]]
    hit = rasterize(corners, np.ones((2, 3)), 16)
    expected = [row * 16 + column for row in range(3, 9) for column in range(2, 12)]
    assert sorted(hit.pixel) == expected
    np.testing.assert_allclose(hit.nearness, 1)


def test_rasterize_interpolates_inverse_depth() -> None:
    corners = np.array([[(0, 0), (16, 0), (0, 16)]], float)
    hit = rasterize(corners, np.array([[0.0, 16.0, 32.0]]), 16)
    x, y = hit.pixel % 16 + 0.5, hit.pixel // 16 + 0.5
    np.testing.assert_allclose(hit.nearness, x + 2 * y)


def test_rasterize_clips_what_is_outside() -> None:
    corners = np.array([[(-50, -50), (50, -50), (0, 50)], [(30, 30), (40, 30), (30, 40)]], float)
    hit = rasterize(corners, np.ones((2, 3)), 8)
    assert set(hit.face) == {0}
    assert sorted(hit.pixel) == list(range(64))
