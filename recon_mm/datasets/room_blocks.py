"""Rooms cut into blocks of one meter, as PointNet and its followers see them."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

MARGIN = 1e-3  # meters


class RoomBlocks(NamedTuple):
    """A grid of blocks: columns over the whole height of a room, whose points are dealt out.

    Attributes:
        num_points: Points of a sample.
        channels: 9, or the first 6, or the first 3 of what :meth:`features` gives.
        block_size: Side of a block in meters.
        stride: Step of the grid in meters; below ``block_size`` blocks overlap.
    """

    num_points: int = 4096
    channels: int = 9
    block_size: float = 1.0
    stride: float = 0.5

    def samples(self, xyz: np.ndarray) -> Iterator[tuple[tuple[float, float], int]]:
        """The corner of every block that has points, as often as its points fill samples.

        Args:
            xyz: ``(N, 3)`` from the room's corner.

        Yields:
            The corner (x, y), and which part of the block's points it is.
        """
        for x in self._steps(float(xyz[:, 0].max())):
            y_of_strip = xyz[self._within(xyz[:, 0], x), 1]
            if not len(y_of_strip):
                continue
            for y in self._steps(float(xyz[:, 1].max())):
                parts = -(-np.count_nonzero(self._within(y_of_strip, y)) // self.num_points)
                yield from (((x, y), part) for part in range(parts))

    def inside(self, xyz: np.ndarray, corner: Sequence[float] | np.ndarray) -> np.ndarray:
        """The rows of the points in a block."""
        return np.flatnonzero(
            self._within(xyz[:, 0], corner[0]) & self._within(xyz[:, 1], corner[1])
        )

    def rows(self, xyz: np.ndarray, corner: Sequence[float] | np.ndarray, part: int) -> np.ndarray:
        """The ``part``-th ``num_points`` rows of a block in an order that is always the same.

        The last part is filled up from the first rows of the order.
        """
        rows = self.inside(xyz, corner)
        rows = np.random.default_rng(len(rows)).permutation(rows)
        return np.resize(np.roll(rows, -part * self.num_points), self.num_points)

    def features(
        self,
        xyz: np.ndarray,
        colors: np.ndarray,
        corner: Sequence[float] | np.ndarray,
        rows: np.ndarray,
    ) -> np.ndarray:
        """What a model sees of points of a block, float32 ``(len(rows), channels)``.

        x, y from the block's center and z from the room's lowest point, in meters; r g b in 0..1;
        x y z within the room, in 0..1.

        Args:
            xyz: All points of the room ``(N, 3)`` from its corner.
            colors: ``(N, 3)``, 0 to 255.
            corner: Of the block.
            rows: Which points.
        """
        center = np.array([*(np.asarray(corner) + self.block_size / 2), 0], dtype=np.float32)
        size = np.maximum(xyz.max(axis=0), MARGIN)  # a flat room has no height
        features = [xyz[rows] - center, colors[rows] / 255, xyz[rows] / size]
        return np.concatenate(features, axis=1, dtype=np.float32)[:, : self.channels]

    def _steps(self, length: float) -> list[float]:
        """Where blocks start along a wall; the last block ends at its end."""
        last = max(length - self.block_size, 0.0)
        count = math.ceil(last / self.stride) + 1
        return [min(i * self.stride, last) for i in range(count)]

    def _within(self, values: np.ndarray, start: float) -> np.ndarray:
        """Which coordinates lie in a block; a little over its edge counts, as in PointNet++."""
        return (values >= start - MARGIN) & (values <= start + self.block_size + MARGIN)
