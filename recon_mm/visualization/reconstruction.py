"""Figure of a reconstruction: the cloud, its visible patches, and what the network predicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from recon_mm.utils import require

from .scatter import scatter_cloud

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_reconstructions(
    clouds: Sequence[np.ndarray],
    visible: Sequence[np.ndarray],
    predicted: Sequence[np.ndarray],
    titles: Sequence[str] | None = None,
) -> Figure:
    """One row per cloud: input, visible patches, reconstruction.

    The reconstruction shows the visible points in gray and the predicted ones in color.

    Args:
        clouds: ``(N, 3)`` each.
        visible: Points of the visible patches ``(V, 3)`` each.
        predicted: Predicted points of the masked patches ``(P, 3)`` each.
        titles: A name for each row.

    Returns:
        A figure; ``figure.savefig(path)`` writes it.
    """
    require('matplotlib', 'probing')
    from matplotlib.figure import Figure

    rows = len(clouds)
    figure = Figure(figsize=(9, 3 * rows), layout='constrained')
    axes = figure.subplots(rows, 3, squeeze=False, subplot_kw={'projection': '3d'})
    for row, cloud in enumerate(clouds):
        radius = float(np.abs(cloud).max())
        scatter_cloud(axes[row, 0], cloud, size=8, radius=radius)
        scatter_cloud(axes[row, 1], visible[row], size=8, radius=radius)
        scatter_cloud(axes[row, 2], visible[row], color='darkgray', size=8, radius=radius)
        scatter_cloud(axes[row, 2], predicted[row], size=8, radius=radius)
        if titles is not None:
            axes[row, 0].text2D(0.02, 0.95, titles[row], transform=axes[row, 0].transAxes)
    for column, title in enumerate(('input', 'visible patches', 'reconstruction')):
        axes[0, column].set_title(title)
    return figure
