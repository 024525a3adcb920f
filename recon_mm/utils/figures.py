"""Matplotlib figures without pyplot: no display is needed, and nothing has to be closed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .optional import require

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of ``width`` times ``height`` inches, with a layout that cuts nothing off."""
    layout = require('matplotlib.layout_engine', 'probing').ConstrainedLayoutEngine(h_pad=0.08)
    return require('matplotlib.figure', 'probing').Figure(
        figsize=(width, height), dpi=100, layout=layout, facecolor='white'
    )


def figure_image(figure: Figure) -> np.ndarray:
    """The pixels of a figure, uint8 ``(H, W, 3)``, RGB."""
    agg = require('matplotlib.backends.backend_agg', 'probing')
    canvas: Any = agg.FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def save_figure(figure: Figure, path: str | Path, dpi: int = 110) -> None:
    """Writes a figure, into a new folder if need be; the suffix decides the kind of file."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=dpi)
