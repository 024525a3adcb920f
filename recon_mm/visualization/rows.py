"""Rows of clouds as one figure, with what their colors mean."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from recon_mm.utils import require
from recon_mm.utils.figures import new_figure, save_figure

from .colored_cloud import ColoredCloud
from .render import MARGIN, Camera, render

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

INCHES, PIXELS = 3.0, 400  # of the side of one panel
LINE_INCHES = 0.2  # of a line of text
TITLE_WIDTH = 36  # characters in a line
KEY_LINES, KEY_COLUMNS = 3, 3  # of a legend; of a long one, more lines and no more columns
PER_LINE = 6
BAR_INCHES = 0.75  # for a color bar with its numbers


def draw_rows(rows: Sequence[Sequence[ColoredCloud]], title: str = '') -> Figure:
    """One panel per cloud; those of a row are seen from the same place, at the same scale.

    Short rows stand side by side, at most six clouds in a line.

    Args:
        rows: Clouds of each row; rows may differ in length.
        title: What stands above all.

    Returns:
        A figure; ``save_figure(figure, path)`` writes it.

    Raises:
        ValueError: If there is no cloud.
    """
    grouped = in_lines(rows)
    if not grouped:
        raise ValueError('there is no cloud to draw')
    lines = [[cloud for row in line for cloud in row] for line in grouped]
    pictures = [trim([image for row in line for image in render_row(row)]) for line in grouped]
    columns = max(map(len, lines))
    heights = []
    for line, images in zip(lines, pictures):
        title_lines = max(_title(cloud).count('\n') + 1 for cloud in line)
        heights += [INCHES * len(images[0]) / PIXELS + LINE_INCHES * title_lines + 0.1]
        heights += [max(map(_key_inches, line))]
    figure = new_figure(INCHES * columns, sum(heights) + 0.4 * bool(title))
    axes = figure.subplots(len(heights), columns, squeeze=False, height_ratios=heights)
    for axis in axes.flat:
        axis.set_axis_off()
    for number, (line, images) in enumerate(zip(lines, pictures)):
        for column, (cloud, image) in enumerate(zip(line, images)):
            panel, key = axes[2 * number, column], axes[2 * number + 1, column]
            panel.imshow(image)
            panel.set_title(_title(cloud), fontsize=10)
            draw_key(key, cloud)
    if title:
        figure.suptitle(title)
    return figure


def in_lines(rows: Sequence[Sequence[ColoredCloud]]) -> list[list[Sequence[ColoredCloud]]]:
    """Rows that together have at most six clouds, in one line; lines of about the same length."""
    lines: list[list[Sequence[ColoredCloud]]] = []
    count = sum(map(len, rows))
    per_line = -(-count // -(-count // PER_LINE)) if count else 0
    for row in filter(len, rows):
        if lines and sum(map(len, lines[-1])) + len(row) <= per_line:
            lines[-1].append(row)
        else:
            lines.append([row])
    return lines


def render_row(row: Sequence[ColoredCloud]) -> list[np.ndarray]:
    """Pictures ``(PIXELS, PIXELS, 3)`` of clouds, seen from the same place."""
    camera = Camera.fit([cloud.points for cloud in row])
    return [render(cloud.points, cloud.colors, PIXELS, camera) for cloud in row]


def trim(images: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Pictures ``(H, W, 3)`` without what is white above and below in all of them."""
    used = np.flatnonzero((np.stack(images) < 255).any((0, 2, 3)))
    margin = round(MARGIN * PIXELS)
    kept = slice(max(used[0] - margin, 0), used[-1] + margin)
    return [image[kept] for image in images]


def draw_key(axis: Any, cloud: ColoredCloud) -> None:
    """What the colors of a cloud mean: a color bar or a legend, on an axis of its own."""
    if cloud.values is not None:
        cm = require('matplotlib.cm', 'probing')
        colors = require('matplotlib.colors', 'probing')
        scale = cm.ScalarMappable(colors.Normalize(*cloud.limits), cloud.cmap)
        bar = axis.inset_axes((0.08, 0.75, 0.84, 0.14))
        axis.figure.colorbar(scale, cax=bar, orientation='horizontal', label=cloud.unit)
        bar.tick_params(labelsize=8)
    elif cloud.legend:
        lines = require('matplotlib.lines', 'probing')
        marks = [
            lines.Line2D([], [], marker='o', linestyle='', color=np.divide(color, 255), label=name)
            for name, color in cloud.legend
        ]
        columns = _key_columns(cloud)
        style = dict(fontsize=8, handletextpad=0.1, columnspacing=0.8, borderpad=0)
        axis.legend(handles=marks, loc='upper center', frameon=False, ncols=columns, **style)


def save_rows(rows: Sequence[Sequence[ColoredCloud]], path: str | Path, title: str = '') -> None:
    """Writes rows of clouds; the suffix decides how.

    Args:
        rows: As in :func:`draw_rows`.
        path: ``.html``: a page to rotate them; ``.ply``: one file for each cloud, numbered if there
            are several; any other suffix: a picture that matplotlib writes.
        title: What stands above all.
    """
    from .html import write_html
    from .ply import write_all_ply

    suffix = str(path).rpartition('.')[2].lower()
    if suffix == 'html':
        write_html(path, rows, title)
    elif suffix == 'ply':
        write_all_ply(path, rows)
    else:
        save_figure(draw_rows(rows, title), path)


def _title(cloud: ColoredCloud) -> str:
    return fill(cloud.title, TITLE_WIDTH)


def _key_columns(cloud: ColoredCloud) -> int:
    return min(-(-len(cloud.legend) // KEY_LINES), KEY_COLUMNS)


def _key_inches(cloud: ColoredCloud) -> float:
    """The height that a legend or color bar needs."""
    if cloud.values is not None:
        return BAR_INCHES
    lines = -(-len(cloud.legend) // _key_columns(cloud)) if cloud.legend else 0
    return LINE_INCHES * lines + 0.1
