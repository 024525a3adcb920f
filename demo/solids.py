"""Solids that the recipes compose: thin, placed forms of trimesh's primitives.

Every function returns a :class:`trimesh.Trimesh`. Axes: x to the right, y up, z to the front.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from recon_mm.utils.optional import require

if TYPE_CHECKING:
    from trimesh import Trimesh

Vector = ArrayLike  # numbers for x, y, z, or rows of them
SECTIONS = 28  # facets of a full circle: round to the eye at the size of a picture


def box(size: Vector, center: Vector = (0, 0, 0)) -> Trimesh:
    """A box of ``size`` (x, y, z) around ``center``."""
    mesh = require('trimesh.creation', 'demo').box(extents=np.asarray(size, float))
    return move(mesh, center)


def block(bottom: Vector, top: Vector, low: float, high: float, shift: Vector = (0, 0)) -> Trimesh:
    """A box whose top differs from its bottom.

    Args:
        bottom: Size (x, z) of the lower face, centered at the origin.
        top: Size (x, z) of the upper face.
        low: Height of the lower face.
        high: Height of the upper face.
        shift: Offset (x, z) of the upper face.
    """
    mesh = box((1, 1, 1))
    corner = np.array(mesh.vertices)  # (8, 3), every coordinate is -0.5 or 0.5
    up = corner[:, 1:2] > 0  # (8, 1)
    plan = corner[:, [0, 2]] * np.where(up, top, bottom) + np.where(up, shift, (0, 0))
    height = np.where(up[:, 0], high, low)
    mesh.vertices = np.column_stack([plan[:, 0], height, plan[:, 1]])
    return mesh


def rod(start: Vector, end: Vector, radius: float) -> Trimesh:
    """A cylinder from ``start`` to ``end``."""
    creation = require('trimesh.creation', 'demo')
    return creation.cylinder(radius=radius, segment=[start, end], sections=SECTIONS // 2)


def disc(radius: float, height: float, center: Vector = (0, 0, 0), axis: str = 'y') -> Trimesh:
    """A cylinder around ``center``, its axis along ``axis``."""
    half = np.eye(3)['xyz'.index(axis)] * height / 2
    creation = require('trimesh.creation', 'demo')
    segment = [center - half, center + half]
    return creation.cylinder(radius=radius, segment=segment, sections=SECTIONS)


def tube(path: Vector, radius: float) -> Trimesh:
    """A round wire along ``path`` (P, 3), closed at both ends; mitered where it bends."""
    path = np.asarray(path, float)
    path = path[np.r_[True, np.abs(np.diff(path, axis=0)).max(1) > 1e-6]]  # no point twice
    way = np.diff(path, axis=0)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    tangent = np.concatenate([way[:1], way[:-1] + way[1:], way[-1:]])
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    # carry the first section's frame along the path, so that the skin does not twist
    across = np.cross(tangent[0], np.eye(3)[np.abs(tangent[0]).argmin()])
    frame = np.empty((len(path), 2, 3))
    for i, ahead in enumerate(tangent):
        across = across - ahead * (across @ ahead)
        across /= np.linalg.norm(across)
        frame[i] = across, np.cross(ahead, across)
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    wave = radius * np.stack([np.cos(angle), np.sin(angle)], 1)
    return _skin(path[:, None] + wave @ frame, path[0], path[-1])


def arc(
    center: Vector,
    radii: tuple[float, float],
    start: float,
    stop: float,
    plane: str = 'xy',
    steps: int = 12,
) -> np.ndarray:
    """Points (steps, 3) of an ellipse's arc, angles in degrees, to lay a tube along."""
    angle = np.radians(np.linspace(start, stop, steps))
    path = np.tile(np.asarray(center, float), (steps, 1))
    path[:, 'xyz'.index(plane[0])] += radii[0] * np.cos(angle)
    path[:, 'xyz'.index(plane[1])] += radii[1] * np.sin(angle)
    return path


def ball(radii: Vector, center: Vector = (0, 0, 0)) -> Trimesh:
    """An ellipsoid with half axes ``radii`` (x, y, z)."""
    mesh = require('trimesh.creation', 'demo').uv_sphere(radius=1, count=[14, 14])
    mesh.vertices = mesh.vertices * np.broadcast_to(radii, 3)
    return move(mesh, center)


def ring(major: float, minor: float, center: Vector = (0, 0, 0), axis: str = 'y') -> Trimesh:
    """A torus around ``axis``."""
    mesh = require('trimesh.creation', 'demo').torus(major, minor, SECTIONS, 10)
    order = {'x': [2, 0, 1], 'y': [1, 2, 0], 'z': [0, 1, 2]}[axis]
    mesh.vertices = mesh.vertices[:, order]
    return move(mesh, center)


def lathe(profile: Vector, center: Vector = (0, 0, 0)) -> Trimesh:
    """Revolves a profile of (radius, y) rows about the y axis."""
    mesh = require('trimesh.creation', 'demo').revolve(
        np.asarray(profile, float), sections=SECTIONS
    )
    mesh.vertices = mesh.vertices[:, [1, 2, 0]]  # trimesh revolves about z
    return move(mesh, center)


def loft(stations: Vector, roundness: float = 2, center: Vector = (0, 0, 0)) -> Trimesh:
    """A skin over super-elliptic sections along z, closed at both ends.

    Args:
        stations: Rows of (z, half width, half height, y of the section's middle).
        roundness: 2 is an ellipse, 1 a rhombus, 6 and more a rounded box.
        center: Where the origin goes.
    """
    stations = np.asarray(stations, float)
    angle = np.linspace(0, 2 * np.pi, SECTIONS, endpoint=False)
    wave = np.stack([np.cos(angle), np.sin(angle)], 1)
    wave = np.sign(wave) * np.abs(wave) ** (2 / roundness)  # (R, 2)
    z, width, height, middle = stations.T[:, :, None]  # each (S, 1)
    x, y = width * wave[:, 0], middle + height * wave[:, 1]
    skin = np.stack([x, y, np.broadcast_to(z, x.shape)], -1)  # (S, R, 3)
    ends = np.zeros((2, 3))
    ends[:, 1], ends[:, 2] = stations[[0, -1], 3], stations[[0, -1], 0]
    return move(_skin(skin, *ends), center)


def slab(outline: Vector, thickness: float, center: Vector = (0, 0, 0)) -> Trimesh:
    """Extrudes along z the strip between two curves over y.

    Args:
        outline: Rows of (y, left x, right x), from below to above.
        thickness: Extent along z.
        center: Where the origin goes.
    """
    y, left, right = np.asarray(outline, float).T
    vertices = np.concatenate([np.stack([left, y], 1), np.stack([right, y], 1)])
    count = len(y)
    low = np.arange(count - 1)
    faces = np.concatenate(
        [
            np.stack([low, low + count, low + count + 1], 1),
            np.stack([low, low + count + 1, low + 1], 1),
        ]
    )
    creation = require('trimesh.creation', 'demo')
    mesh = creation.extrude_triangulation(vertices, faces, height=thickness)
    return move(mesh, np.asarray(center, float) - (0, 0, thickness / 2))


def move(mesh: Trimesh, offset: Vector) -> Trimesh:
    """Shifts ``mesh`` in place and returns it."""
    mesh.vertices = mesh.vertices + np.asarray(offset, float)
    return mesh


def rotate(mesh: Trimesh, axis: str, degrees: float, about: Vector = (0, 0, 0)) -> Trimesh:
    """Rotates ``mesh`` in place about ``axis`` through ``about`` and returns it."""
    i = 'xyz'.index(axis)
    j, k = (i + 1) % 3, (i + 2) % 3
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    rotation = np.eye(3)
    rotation[[j, j, k, k], [j, k, j, k]] = cos, -sin, sin, cos
    about = np.asarray(about, float)
    mesh.vertices = (mesh.vertices - about) @ rotation.T + about
    return mesh


def join(meshes: Sequence[Trimesh]) -> Trimesh:
    """One mesh of several."""
    offset = np.cumsum([0, *[len(mesh.vertices) for mesh in meshes]])
    faces = [mesh.faces + start for mesh, start in zip(meshes, offset)]
    return _mesh(np.concatenate([mesh.vertices for mesh in meshes]), np.concatenate(faces))


def _skin(rings: np.ndarray, start: np.ndarray, stop: np.ndarray) -> Trimesh:
    """Joins rings (S, R, 3) one after the other and closes the ends around two points (3,)."""
    count, around = rings.shape[:2]
    index = np.arange(count * around).reshape(count, around)
    after = np.roll(index, -1, axis=1)
    a, b, c, d = index[:-1], after[:-1], after[1:], index[1:]
    first, last = np.full(around, index.size), np.full(around, index.size + 1)
    faces = [
        np.stack([a, b, c], -1).reshape(-1, 3),
        np.stack([a, c, d], -1).reshape(-1, 3),
        np.stack([first, after[0], index[0]], -1),
        np.stack([last, index[-1], after[-1]], -1),
    ]
    vertices = np.concatenate([rings.reshape(-1, 3), start[None], stop[None]])
    return _mesh(vertices, np.concatenate(faces))


def _mesh(vertices: np.ndarray, faces: np.ndarray) -> Trimesh:
    return require('trimesh', 'demo').Trimesh(vertices, faces, process=False)
