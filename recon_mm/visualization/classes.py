"""Classification: each cloud with its class, right or wrong; and sheets of many clouds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .colored_cloud import BLUE, ORANGE, ColoredCloud, labeled_cloud


def class_cloud(
    points: np.ndarray, predicted: str, score: float | None = None, truth: str | None = None
) -> ColoredCloud:
    """A cloud under its predicted class; blue, or orange where the truth is known and differs.

    Args:
        points: ``(N, 3)``, y up.
        predicted: Name of the class.
        score: Its probability, 0 to 1.
        truth: Name of the true class.
    """
    title = predicted if score is None else f'{predicted} {100 * score:.0f} %'
    wrong = truth is not None and truth != predicted
    names = ('class' if truth is None else 'correct', f'wrong, is {truth}')
    labels = np.full(len(points), int(wrong))
    return labeled_cloud(points, labels, names, (BLUE, ORANGE), title)


def in_rows(clouds: Sequence[ColoredCloud], per_row: int = 6) -> list[list[ColoredCloud]]:
    """Clouds as rows of a sheet."""
    return [list(clouds[i : i + per_row]) for i in range(0, len(clouds), per_row)]
