"""Confusion matrices: counted on the device of the predictions, drawn as an image."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from recon_mm.utils.figures import figure_image, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def confusion_counts(truth: Tensor, prediction: Tensor, num_classes: int) -> Tensor:
    """How often each class was predicted as each other, for every row of a batch.

    Args:
        truth: int64 ``(B, N)``; labels outside ``0..num_classes - 1`` are not counted.
        prediction: int64 ``(B, N)``, on the same device.
        num_classes: Number of classes C.

    Returns:
        int64 ``(B, C, C)``: rows are the truth, columns the prediction.
    """
    batch = len(truth)
    counted = (truth >= 0) & (truth < num_classes)
    row = torch.arange(batch, device=truth.device)[:, None]
    index = (row * num_classes + truth.clamp(0, num_classes - 1)) * num_classes + prediction
    counts = torch.zeros(batch * num_classes**2, dtype=torch.int64, device=truth.device)
    counts.scatter_add_(0, index.flatten(), counted.long().flatten())
    return counts.view(batch, num_classes, num_classes)


def draw_confusion(counts: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """An image of a confusion matrix, uint8 ``(H, W, 3)``, RGB; see :func:`confusion_figure`."""
    return figure_image(confusion_figure(counts, names))


def confusion_figure(counts: np.ndarray, names: Sequence[str]) -> 'Figure':
    """A confusion matrix: colors in percent of the true class, counts in the cells.

    Above it stand the accuracies, beside each class its accuracy and number of samples.

    Args:
        counts: ``(C, C)``, rows the truth.
        names: Names of the classes.
    """
    total, correct = counts.sum(1), counts.diagonal()
    percent = 100 * counts / np.maximum(total, 1)[:, None]
    present = total > 0
    overall = 100 * correct.sum() / max(total.sum(), 1)
    mean = percent.diagonal()[present].mean() if present.any() else 0.0
    rows = [f'{name}  {percent[i, i]:.0f} % of {total[i]}' for i, name in enumerate(names)]
    side = max(2.5, 0.36 * len(names))
    width, height = (side + 0.09 * max(map(len, texts)) + 1 for texts in (rows, names))
    figure = new_figure(width + 1, height)
    axes: Any = figure.add_subplot()
    shown = axes.imshow(percent, cmap='Blues', vmin=0, vmax=100)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), rows)
    axes.set(xlabel='predicted', ylabel='true (accuracy, number)')
    figure.suptitle(f'accuracy {overall:.1f} %, mean over classes {mean:.1f} %')
    figure.colorbar(shown, ax=axes, label='% of the true class', fraction=0.03, pad=0.02)
    for row, column in zip(*np.nonzero(counts)):
        color = 'white' if percent[row, column] > 50 else 'black'
        text = str(counts[row, column])
        axes.text(column, row, text, ha='center', va='center', color=color, fontsize=7)
    return figure
