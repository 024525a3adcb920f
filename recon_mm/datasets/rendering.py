"""Pictures of a mesh or a cloud on white, without GPU, display or graphics library: numpy alone.

Triangles are drawn row by row into a depth buffer, a limited number of pixels at a time; points are
drawn as discs, and lit by the slope of the depth between them.
"""

from itertools import pairwise
from typing import NamedTuple

import cv2  # MMEngine needs it too
import numpy as np

SIZE = 224  # height and width of the picture
OVERSAMPLING = 2  # pixels per output pixel and axis, averaged at the end
DISTANCE = 3.2  # of the camera from the center of the unit ball
FILL = 0.98  # how much of the picture's half side the unit ball's silhouette takes at most
CHUNK = 2**21  # pixels of bounding boxes, and triangles, that are drawn together
GRAY = np.array([0.72, 0.72, 0.74])
DISC = 7  # pixels, oversampled, of the radius of a point among 8192


class Fragments(NamedTuple):
    """The pixels that triangles cover: pixel index, triangle and inverse depth, each (P,)."""

    pixel: np.ndarray
    face: np.ndarray
    nearness: np.ndarray


def render_mesh(
    vertices: np.ndarray,
    faces: np.ndarray,
    azimuth: float,
    elevation: float,
    colors: np.ndarray = GRAY,
) -> np.ndarray:
    """Draws a mesh; both sides of a triangle are lit.

    Args:
        vertices: (V, 3), inside the unit ball, y up.
        faces: (F, 3) indices of vertices.
        azimuth: Of the camera around y, in radians; 0 looks from +z.
        elevation: Of the camera above the horizon, in radians.
        colors: (3,), or (F, 3) one per triangle; 0 to 1, RGB.

    Returns:
        (SIZE, SIZE, 3) uint8, RGB.
    """
    side = SIZE * OVERSAMPLING
    seen = vertices @ _camera(azimuth, elevation).T  # (V, 3): right, up, to the viewer
    plane, nearness = _project(seen, side)
    corners, near = plane[faces], nearness[faces]  # (F, 3, 2), (F, 3)
    depth = np.zeros(side * side)
    owner = np.zeros(side * side, np.int64)
    for chunk in _chunks(corners):
        hit = rasterize(corners[chunk], near[chunk], side)
        np.maximum.at(depth, hit.pixel, hit.nearness)
        first = hit.nearness == depth[hit.pixel]
        owner[hit.pixel[first]] = hit.face[first] + chunk.start
    drawn = depth > 0
    return _picture(drawn, _shade(colors, _normals(seen[faces]))[owner[drawn]])


def render_cloud(points: np.ndarray, azimuth: float, elevation: float) -> np.ndarray:
    """Draws a cloud (N, 3) inside the unit ball as discs that face the viewer.

    The arguments and the result are those of :func:`render_mesh`.
    """
    side = SIZE * OVERSAMPLING
    half = max(1, round(np.clip(DISC * np.sqrt(8192 / len(points)), 1, 3 * DISC) / 2))
    radius = 2 * half
    plane, nearness = _project(points @ _camera(azimuth, elevation).T, side, radius)
    # With a margin, in which the discs of the outermost points are cut back as well.
    x, y = np.clip(np.floor(plane) + radius, 0, side + 2 * radius - 1).astype(int).T
    depth = np.zeros((side + 2 * radius,) * 2, np.float32)
    np.maximum.at(depth, (y, x), nearness)
    # The nearest of the discs over each pixel; twice as large and cut back, to close the gaps
    # through which the far side would be seen. Small discs repeated take less time than large ones.
    depth = cv2.dilate(depth, _disc(half), iterations=4)
    depth = cv2.erode(depth, _disc(half), iterations=2)[radius:-radius, radius:-radius]
    drawn = depth > 0
    toward = np.where(drawn, np.float32(DISTANCE) - 1 / np.maximum(depth, 1e-6), 0)
    inside = cv2.GaussianBlur(drawn.astype(np.float32), (0, 0), radius)
    smooth = cv2.GaussianBlur(toward, (0, 0), radius) / np.maximum(inside, 1e-6)
    down, right = np.gradient(smooth, 2 / side)
    normals = np.stack([-right, down, np.ones_like(down)], -1)[drawn]  # (P, 3)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return _picture(drawn, _shade(GRAY, normals))


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def _project(seen: np.ndarray, side: int, margin: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (V, 2) and inverse depths (V,) of points in the camera's axes."""
    nearness = 1 / (DISTANCE - seen[:, 2])
    # the silhouette of a ball of radius 1 seen from DISTANCE has this radius at unit focal length
    focal = FILL * side / 2 * np.sqrt(DISTANCE**2 - 1)
    # fill the frame as well as the object allows: few objects fill their unit ball
    plane = seen[:, :2] * nearness[:, None]
    middle = (plane.min(0) + plane.max(0)) / 2
    zoom = min(1.5, (0.94 * side - 2 * margin) / (focal * np.ptp(plane, axis=0).max()))
    return (plane - middle) * focal * zoom * (1, -1) + side / 2, nearness


def _chunks(corners: np.ndarray) -> list[slice]:
    """Slices of triangles whose bounding boxes are of a limited number of pixels together."""
    width, height = (np.ptp(corners, axis=1) + 1).T
    ends = np.cumsum(np.minimum(width * height, CHUNK) + 8)
    cuts = np.flatnonzero(np.diff(ends // CHUNK)) + 1
    bounds = [0, *cuts.tolist(), len(corners)]
    return [slice(start, stop) for start, stop in pairwise(bounds)]


def _picture(drawn: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """The picture whose pixels, oversampled, have these colors (P, 3) where they are drawn."""
    side = SIZE * OVERSAMPLING
    large = np.full((side, side, 3), 255, np.uint8)
    large[drawn.reshape(side, side)] = np.clip(colors, 0, 1) * 255 + 0.5
    return cv2.resize(large, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


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


def rasterize(corners: np.ndarray, nearness: np.ndarray, side: int) -> Fragments:
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
