"""The picture of a confusion matrix."""

import numpy as np

from recon_mm.evaluation.confusion import confusion_figure, draw_confusion

COUNTS = np.array([[8, 2, 0], [1, 3, 0], [0, 0, 0]])
NAMES = ['mug', 'bag', 'cap']


def test_accuracies_counts_and_color_bar() -> None:
    figure = confusion_figure(COUNTS, NAMES)
    axes, bar = figure.axes
    assert figure.get_suptitle() == 'accuracy 78.6 %, mean over classes 77.5 %'
    assert [text.get_text() for text in axes.texts] == ['8', '2', '1', '3']
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        *('mug  80 % of 10', 'bag  75 % of 4', 'cap  0 % of 0')
    ]
    assert np.allclose(axes.images[0].get_array()[:2], [[80, 20, 0], [25, 75, 0]])
    assert bar.get_ylabel() == '% of the true class'


def test_image_without_a_cut_text() -> None:
    image = draw_confusion(COUNTS, [name * 6 for name in NAMES])
    assert image.dtype == np.uint8 and image.shape[2] == 3
    frame = np.ones(image.shape[:2], bool)
    frame[2:-2, 2:-2] = False
    assert (image[frame] == 255).all()
