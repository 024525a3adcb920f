"""Training curves: losses by step, validation metrics by epoch, of one run or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recon_mm.utils.figures import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Series = tuple[Sequence[float], Sequence[float]]
PER_ROW = 3


def draw_curves(runs: Mapping[str, Mapping[str, Series]], title: str = '') -> Figure:
    """One panel per quantity, one line per run.

    Args:
        runs: By the name of the run and of the quantity, the places on the x axis and the values.
            Names with a slash are metrics of validations, by epoch; others, by training step.
        title: What stands above.

    Raises:
        ValueError: If there is nothing to draw.
    """
    names = list(dict.fromkeys(name for run in runs.values() for name in run))
    if not names:
        raise ValueError('the logs have none of the quantities to draw')
    columns = min(PER_ROW, len(names))
    rows = -(-len(names) // columns)
    figure = new_figure(4.2 * columns, 3.0 * rows + 0.4)
    panels: list[Any] = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axis, name in zip(panels, names):
        for label, run in runs.items():
            if name in run:
                mark = 'o' if len(run[name][0]) < 30 else None
                axis.plot(*run[name], label=label, marker=mark, markersize=3, linewidth=1.3)
        axis.set(title=name, xlabel='epoch' if '/' in name else 'step')
        axis.grid(alpha=0.25)
        axis.spines[['top', 'right']].set_visible(False)
    for axis in panels[len(names) :]:
        axis.set_axis_off()
    if len(runs) > 1:
        panels[0].legend(fontsize=8)
    figure.suptitle(title)
    return figure
