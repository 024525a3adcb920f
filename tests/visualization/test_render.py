"""From points to pixels."""

import numpy as np
import pytest
from scipy.ndimage import label

from recon_mm.visualization.render import Camera, ball_radius, render

RED = (200, 30, 30)


@pytest.fixture
def cloud() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(500, 3)) * [3, 1, 1] + 7


def inked(image: np.ndarray) -> np.ndarray:
    return (image < 250).any(-1)


def test_every_ball_lies_inside(cloud) -> None:
    for azimuth, elevation in ((-35, 20), (90, -60), (10, 90)):
        camera = Camera.fit([cloud], azimuth, elevation)
        screen = camera.project(cloud, 200, ball=5)[:, :2]
        assert screen.min() >= 5 and screen.max() <= 195
        # It fills the picture in one direction, and is in the middle of both.
        assert np.ptp(screen, axis=0).max() == pytest.approx(200 * 0.92 - 10)
        assert (screen.max(0) + screen.min(0)) / 2 == pytest.approx(100)
    border = render(cloud, np.full((500, 3), RED, np.uint8), 200)
    border[4:-4, 4:-4] = 255
    assert (border == 255).all()


def test_lengths_are_not_distorted() -> None:
    """From the front, a square in x and y stays one; y is up, x to the right."""
    square = np.array([[0, 0, 0], [2, 0, 0], [0, 2, 0]], float)
    screen = Camera.fit([square], 0, 0).project(square, 100)
    assert screen[1, 0] - screen[0, 0] == pytest.approx(screen[0, 1] - screen[2, 1])
    assert screen[1, 0] > screen[0, 0] and screen[2, 1] < screen[0, 1]


def test_every_point_is_drawn_in_its_color() -> None:
    """Points far apart are as many blobs."""
    points = np.array([[x, y, 0] for x in range(5) for y in range(4)], float)
    colors = np.full((20, 3), RED, np.uint8)
    image = render(points, colors, 200, Camera.fit([points], 0, 0), radius=5)
    blobs, count = label(inked(image))
    assert count == 20
    assert np.bincount(blobs.ravel())[1:].min() > 60
    ink = image[blobs > 0].astype(int)
    assert (ink[:, 0] > ink[:, 1]).mean() > 0.95


def test_the_nearer_point_covers_the_other() -> None:
    points = np.array([[0, 0, 1], [0, 0, -1]], float)
    colors = np.array([RED, (30, 30, 200)], np.uint8)
    for order in ([0, 1], [1, 0]):
        image = render(points[order], colors[order], 60, Camera.fit([points], 0, 0), radius=6)
        red, _, blue = image[30, 30].astype(int)
        assert red > 2 * blue


def test_more_points_are_smaller() -> None:
    assert ball_radius(100, 400) == 8.0  # a fiftieth of the side
    assert ball_radius(10_000, 400) == pytest.approx(1.92)
    assert ball_radius(10**7, 400) == 0.6


def test_one_point_is_drawn() -> None:
    image = render(np.array([[5.0, 5.0, 5.0]]), np.array([RED], np.uint8), 50)
    assert 3 < inked(image).sum() < 60
