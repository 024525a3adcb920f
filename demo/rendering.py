"""A picture of an object: a z-buffer over the spans of its triangles, all in numpy."""

from __future__ import annotations

import colorsys
from typing import NamedTuple

import numpy as np

from demo.objects import DemoObject

SIZE = 224  # height and width of the picture
OVERSAMPLING = 2  # pixels per output pixel and axis, averaged at the end
DISTANCE = 3.2  # of the camera from the center of the unit ball
FILL = 0.98  # how much of the picture's half side the unit ball's silhouette takes at most


class Fragments(NamedTuple):
    """The pixels that triangles cover: pixel index, triangle and inverse depth, each (P,)."""

    pixel: np.ndarray
    face: np.ndarray
    nearness: np.ndarray


def render(shape: DemoObject, rng: np.random.Generator) -> np.ndarray:
    """Draws an object from a random viewpoint, its parts in random colors, on white.

    Args:
        shape: The object.
        rng: Decides viewpoint and colors.

    Returns:
        (SIZE, SIZE, 3) uint8, RGB.
    """
    # from the front and the sides: the back of a cabinet does not show what it is
    azimuth, elevation = np.radians(rng.uniform((-115, 5), (115, 40)))
    colors = _palette(len(shape.part_names), rng)[shape.face_parts]  # (F, 3)
    side = SIZE * OVERSAMPLING
    seen = shape.vertices @ _camera(azimuth, elevation).T  # (V, 3): right, up, to the viewer
    normals = _normals(seen[shape.faces])
    nearness = 1 / (DISTANCE - seen[:, 2])
    # the silhouette of a ball of radius 1 seen from DISTANCE has this radius at unit focal length
    focal = FILL * side / 2 * np.sqrt(DISTANCE**2 - 1)
    # fill the frame as well as the object allows: few objects fill their unit ball
    plane = seen[:, :2] * nearness[:, None]
    middle = (plane.min(0) + plane.max(0)) / 2
    zoom = min(1.5, 0.94 * side / (focal * np.ptp(plane, axis=0).max()))
    plane = (plane - middle) * focal * zoom * (1, -1) + side / 2
    hit = _rasterize(plane[shape.faces], nearness[shape.faces], side)
    picture = np.ones((side * side, 3))
    # written from far to near: of several values for one pixel, numpy keeps the last
    order = np.argsort(hit.nearness, kind='stable')
    picture[hit.pixel[order]] = _shade(colors, normals)[hit.face[order]]
    picture = picture.reshape(SIZE, OVERSAMPLING, SIZE, OVERSAMPLING, 3).mean((1, 3))
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def _palette(count: int, rng: np.random.Generator) -> np.ndarray:
    """Colors (count, 3): related hues, some of them gray."""
    hue, gray = rng.uniform(0, 1), rng.random() < 0.3
    colors = []
    for _ in range(count):
        saturation = rng.uniform(0, 0.15) if gray or rng.random() < 0.25 else rng.uniform(0.3, 0.75)
        tone = (hue + rng.uniform(-0.15, 0.15)) % 1
        colors.append(colorsys.hsv_to_rgb(tone, saturation, rng.uniform(0.35, 0.9)))
    return np.array(colors)


def _camera(azimuth: float, elevation: float) -> np.ndarray:
    """Rows: the camera's right, up and backward direction in the object's axes."""
    back = np.array(
        [
            np.sin(azimuth) * np.cos(elevation),
            np.sin(elevation),
            np.cos(azimuth) * np.cos(elevation),
        ]
    )
    right = np.array([np.cos(azimuth), 0, -np.sin(azimuth)])
    return np.stack([right, np.cross(back, right), back])


def _normals(corners: np.ndarray) -> np.ndarray:
    """Unit normals (F, 3) of triangles (F, 3, 3), facing the viewer: both sides are lit."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    toward = np.array([0, 0, DISTANCE]) - corners.mean(1)
    return normals * np.where((normals * toward).sum(1, keepdims=True) < 0, -1, 1)


def _shade(colors: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Colors (F, 3) under a sky, a key light from the upper left and a faint gloss."""
    light = np.array([-0.45, 0.7, 0.55]) / np.linalg.norm([-0.45, 0.7, 0.55])
    half = np.add(light, (0, 0, 1))
    half /= np.linalg.norm(half)
    key = np.clip(normals @ light, 0, 1)
    sky = 0.5 + 0.5 * normals[:, 1]
    gloss = 0.15 * np.clip(normals @ half, 0, 1) ** 24
    return colors * (0.3 + 0.25 * sky + 0.6 * key)[:, None] + gloss[:, None]


def _spread(start: np.ndarray, count: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Integers from each ``start`` on, ``count`` of them, and the index of their range."""
    owner = np.repeat(np.arange(len(count)), count)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    return start[owner] + within, owner


def _rasterize(corners: np.ndarray, nearness: np.ndarray, side: int) -> Fragments:
    """Finds the pixels whose center lies in a triangle, row by row.

    Args:
        corners: (F, 3, 2) x and y in pixels.
        nearness: (F, 3) inverse depth, which is linear over the picture.
        side: Height and width of the picture.
    """
    order = np.argsort(corners[..., 1], axis=1)
    corners = np.take_along_axis(corners, order[..., None], 1)  # y0 <= y1 <= y2
    nearness = np.take_along_axis(nearness, order, 1)
    (x0, y0), (x1, y1), (x2, y2) = corners.transpose(1, 2, 0)
    top = np.clip(np.ceil(y0 - 0.5), 0, side).astype(int)
    rows = np.clip(np.ceil(y2 - 0.5), 0, side).astype(int) - top
    row, face = _spread(top, rows)
    y = row + 0.5
    with np.errstate(divide='ignore', invalid='ignore'):
        whole = x0[face] + ((x2 - x0) / (y2 - y0))[face] * (y - y0[face])
        upper = x0[face] + ((x1 - x0) / (y1 - y0))[face] * (y - y0[face])
        lower = x1[face] + ((x2 - x1) / (y2 - y1))[face] * (y - y1[face])
    bend = np.where(y < y1[face], upper, lower)
    left = np.clip(np.ceil(np.fmin(whole, bend) - 0.5), 0, side).astype(int)
    right = np.clip(np.ceil(np.fmax(whole, bend) - 0.5), 0, side).astype(int)
    column, span = _spread(left, right - left)
    row, face = row[span], face[span]
    # inverse depth as a plane over the picture: w = w0 + gx (x - x0) + gy (y - y0)
    ax, ay, bx, by = x1 - x0, y1 - y0, x2 - x0, y2 - y0
    dw1, dw2 = nearness[:, 1] - nearness[:, 0], nearness[:, 2] - nearness[:, 0]
    area = ax * by - bx * ay
    area = np.where(np.abs(area) < 1e-9, np.inf, area)
    gx, gy = (dw1 * by - dw2 * ay) / area, (dw2 * ax - dw1 * bx) / area
    near = nearness[face, 0] + gx[face] * (column + 0.5 - x0[face])
    return Fragments(row * side + column, face, near + gy[face] * (row + 0.5 - y0[face]))
