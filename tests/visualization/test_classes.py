"""Classes of clouds, and sheets."""

import numpy as np

from recon_mm.visualization import class_cloud, in_rows
from recon_mm.visualization.colored_cloud import BLUE, ORANGE

POINTS = np.eye(3)


def test_right_and_wrong() -> None:
    right = class_cloud(POINTS, 'chair', 0.934, 'chair')
    assert right.title == 'chair 93 %' and right.legend == (('correct', BLUE),)
    wrong = class_cloud(POINTS, 'chair', truth='sofa')
    assert wrong.title == 'chair' and wrong.legend == (('wrong, is sofa', ORANGE),)
    assert class_cloud(POINTS, 'chair').legend == (('class', BLUE),)


def test_rows_of_a_sheet() -> None:
    clouds = [class_cloud(POINTS, str(i)) for i in range(5)]
    assert [[cloud.title for cloud in row] for row in in_rows(clouds, 2)] == [
        *(['0', '1'], ['2', '3'], ['4'])
    ]
