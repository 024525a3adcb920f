"""Confusion matrices: counted on the device of the predictions, drawn as an image."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from recon_mm.utils import require


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
    """An image of a confusion matrix, each row in percent of its class.

    Args:
        counts: ``(C, C)``, rows the truth.
        names: Names of the classes.

    Returns:
        uint8 ``(H, W, 3)``, RGB.
    """
    figure_module = require('matplotlib.figure', 'probing')
    canvas_module = require('matplotlib.backends.backend_agg', 'probing')
    percent = 100 * counts / np.maximum(counts.sum(1, keepdims=True), 1)
    size = max(4.0, 0.4 * len(names) + 2)
    figure = figure_module.Figure(figsize=(size, size), dpi=100, layout='constrained')
    canvas = canvas_module.FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.imshow(percent, cmap='Blues', vmin=0, vmax=100)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel('predicted')
    axes.set_ylabel('true')
    for row, column in zip(*np.nonzero(percent >= 0.5)):
        value = percent[row, column]
        color = 'white' if value > 50 else 'black'
        axes.text(column, row, f'{value:.0f}', ha='center', va='center', color=color, fontsize=7)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
