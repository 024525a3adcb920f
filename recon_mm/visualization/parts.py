"""Part segmentation: a shape in the colors of its predicted parts, beside the true ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .colored_cloud import ColoredCloud, labeled_cloud


def part_clouds(
    points: np.ndarray,
    predicted: np.ndarray,
    truth: np.ndarray | None = None,
    *,
    names: Sequence[str],
    palette: Sequence[Sequence[int]],
    parts: Sequence[int] | None = None,
    title: str = '',
) -> list[ColoredCloud]:
    """The true parts, where they are known, and the predicted ones with their IoU.

    Args:
        points: ``(N, 3)``, y up.
        predicted: Part of each point, int ``(N,)``.
        truth: The true part of each point, int ``(N,)``.
        names: Of every part.
        palette: Color of every part, R G B of 0 to 255.
        parts: The parts that the shape may have, over which the IoU of the shape is averaged; one
            that neither truth nor prediction has counts 1, as in the metric. By default those that
            occur.
        title: The name of the shape.
    """
    prefix = f'{title}: ' if title else ''
    if truth is None:
        return [labeled_cloud(points, predicted, names, palette, f'{prefix}predicted')]
    iou = {
        part: part_iou(predicted == part, truth == part) for part in np.union1d(predicted, truth)
    }
    shape = np.mean([iou.get(part, 1.0) for part in (parts if parts is not None else iou)])
    scored = [
        f'{name} {100 * iou[part]:.0f} %' if part in iou else name
        for part, name in enumerate(names)
    ]
    return [
        labeled_cloud(points, truth, names, palette, f'{prefix}true'),
        labeled_cloud(
            points, predicted, scored, palette, f'predicted, IoU {100 * shape:.0f} %', also=[*iou]
        ),
    ]


def part_iou(predicted: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of two bool ``(N,)`` of which at least one has a point."""
    return float((predicted & truth).sum() / (predicted | truth).sum())
