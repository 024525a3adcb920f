"""Colors of points and what they mean."""

import numpy as np
import pytest
from matplotlib import colormaps

from recon_mm.visualization import labeled_cloud, plain_cloud, valued_cloud
from recon_mm.visualization.colored_cloud import BLUE

POINTS = np.eye(3)
PALETTE = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]


def test_one_color() -> None:
    cloud = plain_cloud(POINTS, 'a')
    assert cloud.colors.tolist() == [list(BLUE)] * 3 and cloud.colors.dtype == np.uint8
    assert cloud.points.dtype == np.float32 and cloud.legend == () and cloud.title == 'a'


def test_labels_that_occur_are_in_the_legend() -> None:
    cloud = labeled_cloud(POINTS, np.array([2, 0, 2]), ['x', 'y', 'z'], PALETTE)
    assert cloud.colors.tolist() == [[0, 0, 255], [255, 0, 0], [0, 0, 255]]
    assert cloud.legend == (('x', (255, 0, 0)), ('z', (0, 0, 255)))
    assert cloud.labels is not None and cloud.labels.tolist() == [1, 0, 1]


def test_values_run_over_the_color_map() -> None:
    cloud = valued_cloud(POINTS, np.array([1.0, 3.0, 9.0]), 'm', limits=(1, 3))
    ends = [np.round(255 * np.array(colormaps['viridis'](end)[:3])) for end in (0.0, 1.0, 1.0)]
    assert cloud.colors.tolist() == np.array(ends).tolist()
    assert valued_cloud(POINTS, np.full(3, 2.0), 'm').limits == (2.0, 2.0)


def test_sampled_keeps_what_belongs_together() -> None:
    points = np.arange(300).reshape(100, 3)
    cloud = valued_cloud(points, points[:, 0], 'm', 'rows').sampled(10)
    assert cloud.title == 'rows (10 of 100 points)' and len(cloud.colors) == 10
    assert cloud.values is not None and (cloud.points[:, 0] == cloud.values).all()
    assert cloud.sampled(10) is cloud


@pytest.mark.parametrize(
    ('make', 'message'),
    [
        (lambda: plain_cloud(np.zeros((0, 3))), r'shape \(0, 3\), expected \(N, 3\)'),
        (lambda: plain_cloud(np.zeros((4, 2))), r'shape \(4, 2\)'),
        (lambda: plain_cloud(np.full((2, 3), np.nan)), 'NaN or infinite'),
        (lambda: valued_cloud(POINTS, np.array([0, np.inf, 1]), 'm'), 'values hold NaN'),
        (lambda: valued_cloud(POINTS, np.arange(2), 'm'), '2 .* for 3 points'),
        (lambda: labeled_cloud(POINTS, np.array([0, 1, 2]), ['x'], PALETTE), 'expected 0 to 0'),
        (lambda: labeled_cloud(POINTS, np.array([0, -1, 0]), 'xyz', PALETTE), 'from -1 to 0'),
    ],
)
def test_what_cannot_be_colored_is_said(make, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
