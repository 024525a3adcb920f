"""Points to pixels: every point a shaded ball, the nearest in front; no graphics library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

AZIMUTH, ELEVATION = -35.0, 20.0  # seen from the front right, and from above
MARGIN = 0.04  # of the side
FINER = 2  # pixels are computed this much finer, then averaged: smooth edges
LIGHT = np.array([-0.4, 0.6, 0.7]) / np.linalg.norm([-0.4, 0.6, 0.7])
SHADOW = 1.6  # how much points in a hollow are darkened
HAZE = 0.35  # how much white is mixed into the farthest points


class Camera(NamedTuple):
    """A parallel projection onto a square: lengths stay comparable, and nothing is distorted.

    Attributes:
        rotation: ``(3, 3)``; its rows are right, up, toward the viewer.
        center: ``(2,)``, what is in the middle of the picture, in rotated coordinates.
        half: Half the side that the picture shows, in units of the points.
    """

    rotation: np.ndarray
    center: np.ndarray
    half: float

    @classmethod
    def fit(
        cls, clouds: Sequence[np.ndarray], azimuth: float = AZIMUTH, elevation: float = ELEVATION
    ) -> Camera:
        """Shows all of several clouds ``(N, 3)``, y up; angles in degrees."""
        a, e = np.deg2rad([azimuth, elevation])
        about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
        about_x = np.array([[1, 0, 0], [0, np.cos(e), -np.sin(e)], [0, np.sin(e), np.cos(e)]])
        rotation = about_x @ about_y
        flat = np.concatenate([cloud @ rotation[:2].T for cloud in clouds])  # (N, 2)
        low, high = flat.min(0), flat.max(0)
        half = float((high - low).max()) / 2 or 1.0
        return cls(rotation, (low + high) / 2, half)

    def project(self, points: np.ndarray, side: int, ball: float = 0.0) -> np.ndarray:
        """Column, row and nearness in pixels, ``(N, 3)``.

        Args:
            points: ``(N, 3)``.
            side: Of the square picture, in pixels.
            ball: Radius of the balls, which keep clear of the edge, in pixels.
        """
        scale = ((0.5 - MARGIN) * side - ball) / self.half
        rotated = points @ self.rotation.T
        flat = (rotated[:, :2] - self.center) * scale
        return np.stack(
            [side / 2 + flat[:, 0], side / 2 - flat[:, 1], rotated[:, 2] * scale], axis=1
        )


def ball_radius(count: int, side: int) -> float:
    """Radius in pixels at which ``count`` points of a surface nearly touch each other."""
    return float(np.clip(0.48 * side / np.sqrt(count), 0.6, 0.02 * side))


def render(
    points: np.ndarray,
    colors: np.ndarray,
    side: int = 400,
    camera: Camera | None = None,
    radius: float | None = None,
) -> np.ndarray:
    """A picture of a cloud on white.

    Args:
        points: ``(N, 3)``, y up.
        colors: uint8 ``(N, 3)``.
        side: Of the square picture, in pixels.
        camera: From where; by default one that shows all of the cloud.
        radius: Of the balls in pixels; by default by the number of points.

    Returns:
        uint8 ``(side, side, 3)``, RGB.
    """
    camera = camera or Camera.fit([points])
    radius = FINER * (radius or ball_radius(len(points), side))
    index, depth, light = _draw(camera.project(points, FINER * side, radius), radius, FINER * side)
    shade = light * np.exp(-SHADOW * _hollow(depth, 2 * FINER) / (0.05 * FINER * side))
    image = np.full((*index.shape, 3), 255.0)
    drawn = index >= 0
    far = (depth[drawn].max() - depth[drawn]) / max(float(np.ptp(depth[drawn])), radius)
    haze = HAZE * far[:, None]
    image[drawn] = (1 - haze) * colors[index[drawn]] * shade[drawn][:, None] + haze * 255
    blocks = image.reshape(side, FINER, side, FINER, 3)
    return np.round(np.clip(blocks.mean((1, 3)), 0, 255)).astype(np.uint8)


def _draw(screen: np.ndarray, radius: float, side: int) -> tuple[np.ndarray, ...]:
    """Which point each pixel shows (-1: none), how near it is there, and how light; all squares."""
    reach = np.arange(-int(radius), int(radius) + 1)
    dx, dy = (grid.ravel() for grid in np.meshgrid(reach, reach))
    inside = dx**2 + dy**2 <= radius**2
    dx, dy = dx[inside], dy[inside]
    height = np.sqrt(radius**2 - dx**2 - dy**2)  # of the ball over the screen
    normal = np.stack([dx, -dy, height], axis=1) / radius
    bright = 0.62 + 0.42 * np.maximum(normal @ LIGHT, 0)

    column = np.clip(np.floor(screen[:, 0]).astype(np.int64)[:, None] + dx, 0, side - 1)
    row = np.clip(np.floor(screen[:, 1]).astype(np.int64)[:, None] + dy, 0, side - 1)
    near = (screen[:, 2:] + height).astype(np.float32).ravel()
    order = np.argsort(near, kind='stable')  # the nearest are written last
    pixel = (row * side + column).ravel()[order]

    index = np.full(side * side, -1, np.int64)
    depth = np.full(side * side, -np.inf, np.float32)
    light = np.ones(side * side, np.float32)
    index[pixel] = order // len(dx)
    depth[pixel] = near[order]
    light[pixel] = bright[order % len(dx)]
    return tuple(buffer.reshape(side, side) for buffer in (index, depth, light))


def _hollow(depth: np.ndarray, step: int) -> np.ndarray:
    """How far the surroundings of a pixel stand out before it, the mean over eight directions."""
    limit = 0.05 * len(depth)
    padded = np.pad(depth, step, constant_values=-np.inf)
    total = np.zeros_like(depth)
    with np.errstate(invalid='ignore'):  # background minus background
        for rows in (0, step, 2 * step):
            for columns in (0, step, 2 * step):
                shifted = padded[rows : rows + len(depth), columns : columns + len(depth)]
                total += np.nan_to_num(np.clip(shifted - depth, 0, limit))
    return total / 8
