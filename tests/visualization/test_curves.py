"""Training curves."""

import pytest

from recon_mm.visualization import draw_curves

RUN = {'loss': ([1, 2, 3], [3.0, 2.0, 1.0]), 'svm/accuracy': ([0, 5], [60.0, 70.0])}


def test_one_panel_per_quantity_one_line_per_run() -> None:
    figure = draw_curves({'a': RUN, 'b': {'loss': ([1, 2], [4.0, 4.0])}})
    loss, accuracy, *rest = figure.axes
    assert [line.get_ydata().tolist() for line in loss.lines] == [[3, 2, 1], [4, 4]]
    assert [text.get_text() for text in loss.get_legend().get_texts()] == ['a', 'b']
    assert (loss.get_xlabel(), accuracy.get_xlabel()) == ('step', 'epoch')
    assert len(accuracy.lines) == 1 and not rest


def test_nothing_to_draw() -> None:
    with pytest.raises(ValueError, match='none of the quantities'):
        draw_curves({'a': {}})
