"""Figure of a part segmentation: the true parts of each shape above the predicted ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from recon_mm.utils import require

from .scatter import scatter_cloud

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PER_ROW = 6


def draw_parts(
    clouds: Sequence[np.ndarray],
    truth: Sequence[np.ndarray],
    predicted: Sequence[np.ndarray],
    palette: Sequence[Sequence[int]],
    titles: Sequence[str] | None = None,
) -> Figure:
    """One column per shape, at most six in a row: true parts, below them the predicted ones.

    Args:
        clouds: ``(N, 3)`` each, of any size.
        truth: True part of each point, int ``(N,)`` each.
        predicted: Predicted part of each point, int ``(N,)`` each.
        palette: Color of each part, R G B of 0 to 255.
        titles: A name for each shape; the share of correct points is added.

    Returns:
        A figure; ``figure.savefig(path)`` writes it.
    """
    require('matplotlib', 'probing')
    from matplotlib.figure import Figure

    colors = np.asarray(palette) / 255
    bands = -(-len(clouds) // PER_ROW)
    columns = -(-len(clouds) // bands)
    figure = Figure(figsize=(2.5 * columns, 5.2 * bands), layout='constrained')
    axes = figure.subplots(2 * bands, columns, squeeze=False, subplot_kw={'projection': '3d'})
    for axis in axes.flat:
        axis.set_axis_off()
    for i, cloud in enumerate(clouds):
        band, column = divmod(i, columns)
        centered = cloud[:, :3] - (cloud[:, :3].max(0) + cloud[:, :3].min(0)) / 2
        radius = float(np.abs(centered).max())
        upper, lower = axes[2 * band, column], axes[2 * band + 1, column]
        scatter_cloud(upper, centered, colors[truth[i]], radius=radius)
        scatter_cloud(lower, centered, colors[predicted[i]], radius=radius)
        right = 100 * np.mean(truth[i] == predicted[i])
        upper.set_title(f'{titles[i]}: true' if titles else 'true')
        lower.set_title(f'predicted, {right:.0f} % right')
    return figure
