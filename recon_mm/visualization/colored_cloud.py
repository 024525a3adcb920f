"""A cloud with a color for each point, and what the color means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recon_mm.utils import require

Color = tuple[int, int, int]
BLUE: Color = (66, 133, 201)
ORANGE: Color = (240, 140, 40)


@dataclass(frozen=True)
class ColoredCloud:
    """What every kind of picture is made of: PNG, HTML and PLY show the same clouds.

    Made by :func:`plain_cloud`, :func:`labeled_cloud` and :func:`valued_cloud`.

    Attributes:
        points: float32 ``(N, 3)``, y up.
        colors: uint8 ``(N, 3)``, RGB.
        title: What stands above the picture.
        legend: The name and color of each label that occurs.
        labels: int32 ``(N,)``, which entry of the legend each point has.
        values: float32 ``(N,)``, what a color bar explains.
        unit: What the values are.
        limits: The values at both ends of the color bar.
        cmap: matplotlib's name of the color map.
    """

    points: np.ndarray
    colors: np.ndarray
    title: str = ''
    legend: tuple[tuple[str, Color], ...] = ()
    labels: np.ndarray | None = None
    values: np.ndarray | None = None
    unit: str = ''
    limits: tuple[float, float] = (0.0, 1.0)
    cmap: str = 'viridis'

    def __post_init__(self) -> None:
        count = len(self.points)
        if self.points.ndim != 2 or self.points.shape[1] != 3 or not count:
            raise ValueError(f'points have shape {self.points.shape}, expected (N, 3) with N > 0')
        if not np.isfinite(self.points).all():
            raise ValueError('points hold NaN or infinite coordinates, which have no place')
        for name in ('colors', 'labels', 'values'):
            field = getattr(self, name)
            if field is not None and len(field) != count:
                raise ValueError(f'{len(field)} {name} for {count} points, expected one for each')

    def sampled(self, limit: int) -> ColoredCloud:
        """The same with at most ``limit`` points, drawn evenly; the title says so."""
        count = len(self.points)
        if count <= limit:
            return self
        chosen = np.sort(np.random.default_rng(0).permutation(count)[:limit])
        fields = dict(self.__dict__, title=f'{self.title} ({limit:,} of {count:,} points)'.strip())
        for name in ('points', 'colors', 'labels', 'values'):
            fields[name] = None if fields[name] is None else fields[name][chosen]
        return ColoredCloud(**fields)


def plain_cloud(points: np.ndarray, title: str = '', color: Color = BLUE) -> ColoredCloud:
    """All points ``(N, 3)`` in one color: only the shape counts."""
    points = _points(points)
    return ColoredCloud(points, np.full((len(points), 3), color, np.uint8), title)


def labeled_cloud(
    points: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str],
    palette: Sequence[Sequence[int]],
    title: str = '',
    also: Sequence[int] = (),
) -> ColoredCloud:
    """Colors by part or class.

    Args:
        points: ``(N, 3)``.
        labels: int ``(N,)``, from 0.
        names: Of each label; the legend has those that occur.
        palette: Color of each label, R G B of 0 to 255.
        title: What stands above.
        also: Labels that the legend has even where they do not occur.

    Raises:
        ValueError: If a label has no name or color.
    """
    labels = np.asarray(labels).astype(np.int64).reshape(-1)
    known = min(len(names), len(palette))
    if len(labels) and not 0 <= labels.min() <= labels.max() < known:
        raise ValueError(
            f'labels run from {labels.min()} to {labels.max()}, and there are {len(names)} names '
            f'and {len(palette)} colors: expected 0 to {known - 1}'
        )
    colors = np.asarray(palette, np.uint8)
    present = np.union1d(labels, np.asarray(also, np.int64))
    legend = tuple((str(names[i]), _color(colors[i])) for i in present)
    entries = np.searchsorted(present, labels).astype(np.int32)
    return ColoredCloud(_points(points), colors[labels], title, legend, entries)


def valued_cloud(
    points: np.ndarray,
    values: np.ndarray,
    unit: str,
    title: str = '',
    limits: tuple[float, float] | None = None,
    cmap: str = 'viridis',
) -> ColoredCloud:
    """Colors by a number per point.

    Args:
        points: ``(N, 3)``.
        values: ``(N,)``.
        unit: What the values are; stands at the color bar.
        title: What stands above.
        limits: Values at the ends of the color bar, beyond which the color stays the same; by
            default the least and the largest value.
        cmap: matplotlib's name of the color map.

    Raises:
        ValueError: If a value is not finite.
    """
    values = np.asarray(values, np.float32).reshape(-1)
    if not np.isfinite(values).all():
        raise ValueError('values hold NaN or infinity, which have no color')
    low, high = limits or (float(values.min()), float(values.max()))
    share = np.clip((values - low) / (high - low if high > low else 1.0), 0, 1)
    colormap = require('matplotlib', 'probing').colormaps[cmap]
    colors = np.round(255 * colormap(share)[:, :3]).astype(np.uint8)
    return ColoredCloud(
        _points(points), colors, title, values=values, unit=unit, limits=(low, high), cmap=cmap
    )


def _points(points: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(points, np.float32)


def _color(row: np.ndarray) -> Color:
    red, green, blue = (int(channel) for channel in row)
    return red, green, blue
