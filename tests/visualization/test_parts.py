"""Predicted parts beside the true ones."""

import numpy as np

from recon_mm.visualization import part_clouds

POINTS = np.random.default_rng(0).normal(size=(8, 3))
NAMES, PALETTE = ['wing', 'tail', 'engine'], [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
TRUTH = np.array([0, 0, 0, 0, 1, 1, 1, 1])
PREDICTED = np.array([0, 0, 0, 1, 1, 1, 1, 1])


def test_iou_of_parts_and_shape() -> None:
    """Wing 3 of 4, tail 4 of 5; the engine, which nobody sees, counts 1 where it is a part."""
    style = dict(names=NAMES, palette=PALETTE, title='airplane')
    true, predicted = part_clouds(POINTS, PREDICTED, TRUTH, parts=(0, 1, 2), **style)
    assert true.title == 'airplane: true' and predicted.title == 'predicted, IoU 85 %'
    assert [name for name, _ in true.legend] == ['wing', 'tail']
    assert [name for name, _ in predicted.legend] == ['wing 75 %', 'tail 80 %']
    assert (predicted.colors == np.array(PALETTE)[PREDICTED]).all()
    _, among_present = part_clouds(POINTS, PREDICTED, TRUTH, **style)
    assert among_present.title == 'predicted, IoU 78 %'


def test_a_part_that_is_not_found_is_in_the_legend() -> None:
    truth = np.array([0, 0, 0, 2, 1, 1, 1, 1])
    _, cloud = part_clouds(POINTS, PREDICTED, truth, names=NAMES, palette=PALETTE)
    assert [name for name, _ in cloud.legend] == ['wing 100 %', 'tail 80 %', 'engine 0 %']
    assert cloud.labels is not None and (cloud.labels == PREDICTED).all()


def test_without_truth() -> None:
    (cloud,) = part_clouds(POINTS, PREDICTED, names=NAMES, palette=PALETTE)
    assert cloud.title == 'predicted' and [name for name, _ in cloud.legend] == ['wing', 'tail']
