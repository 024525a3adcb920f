"""Furnished rooms with S3DIS's 13 classes: z up, in meters."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from demo.objects import make_object
from demo.solids import box, join, move
from demo.taxonomy import S3DIS, recipe_of
from recon_mm.utils.optional import require

if TYPE_CHECKING:
    from trimesh import Trimesh

COLORS = {
    'ceiling': (225, 222, 212),
    'floor': (130, 105, 80),
    'wall': (200, 192, 172),
    'beam': (170, 165, 155),
    'column': (185, 180, 175),
    'window': (120, 160, 200),
    'door': (150, 95, 55),
    'table': (170, 125, 75),
    'chair': (70, 75, 95),
    'sofa': (140, 55, 50),
    'bookcase': (110, 75, 45),
    'board': (240, 240, 245),
    'clutter': (120, 150, 95),
}
FURNITURE = {  # class: largest and smallest size of its longest side, in meters
    'table': (1.0, 2.0),
    'chair': (0.8, 1.05),
    'sofa': (1.4, 2.2),
    'bookcase': (1.4, 2.1),
}
CLUTTER = ('box', 'bin', 'bag', 'lamp', 'pillow', 'vase')
DETAIL = 3.0  # how much denser furniture is sampled than the bare room


class Piece(NamedTuple):
    """One instance in a room."""

    mesh: Trimesh
    name: str


class Room(NamedTuple):
    """The points of a room.

    Attributes:
        points: (N, 6) float32: x, y, z in meters and r, g, b in 0..255.
        semantic: (N,) int64, index in ``S3DIS``.
    """

    points: np.ndarray
    semantic: np.ndarray


def make_room(rng: np.random.Generator, count: int) -> Room:
    """Builds, furnishes and samples a room of ``count`` points."""
    size = rng.uniform((4, 4, 2.6), (7, 6, 3.4))
    pieces = _shell(size, rng) + _furniture(size, rng)
    mesh = join([piece.mesh for piece in pieces])
    faces = [len(piece.mesh.faces) for piece in pieces]
    owner = np.repeat(np.arange(len(pieces)), faces)
    labels = np.array([S3DIS.index(piece.name) for piece in pieces])
    bare = np.isin(labels, [S3DIS.index(name) for name in ('ceiling', 'floor', 'wall')])
    weight = mesh.area_faces * np.where(bare[owner], 1, DETAIL)
    sample = require('trimesh.sample', 'demo').sample_surface
    points, face = sample(mesh, count, face_weight=weight, seed=rng)[:2]
    owner = owner[face]
    points = points + rng.normal(0, 0.005, points.shape)
    colors = np.array([COLORS[piece.name] for piece in pieces]) + rng.normal(
        0, 14, (len(pieces), 3)
    )
    colors = colors[owner] + rng.normal(0, 6, (count, 3))
    return Room(
        points=np.concatenate([points, np.clip(colors, 0, 255).round()], 1).astype(np.float32),
        semantic=labels[owner].astype(np.int64),
    )


def _shell(size: np.ndarray, rng: np.random.Generator) -> list[Piece]:
    """Floor, ceiling, walls and what is built into them."""
    x, y, z = size
    thin = 0.02
    pieces = [
        Piece(box((x, y, thin), (x / 2, y / 2, 0)), 'floor'),
        Piece(box((x, y, thin), (x / 2, y / 2, z)), 'ceiling'),
    ]
    for side in (0, 1):
        pieces.append(Piece(box((thin, y, z), (side * x, y / 2, z / 2)), 'wall'))
        pieces.append(Piece(box((x, thin, z), (x / 2, side * y, z / 2)), 'wall'))
    # each of the four in its own half of the two long walls, so that none overlap
    wide = rng.uniform((0.8, 1.0, 1.2, 0.9), (1.0, 1.8, 1.8, 1.4))
    places = [(0.25, 0), (0.75, 0), (0.3, 1), (0.75, 1)]
    heights = [(0, 2.05), (0.9, 2.1), (0.9, 2.1), (0.95, 2.0)]
    names = ['door', 'window', 'board', 'window']
    for width, (along, side), (low, high), name in zip(wide, places, heights, names):
        at = (along * x, side * y + (0.04 - 0.08 * side), (low + high) / 2)
        pieces.append(Piece(box((width, 0.05, high - low), at), name))
    thick = rng.uniform(0.25, 0.45)
    pieces.append(Piece(box((thick, thick, z), (x - thick / 2, y - thick / 2, z / 2)), 'column'))
    pieces.append(Piece(box((0.3, y, 0.3), (x * rng.uniform(0.3, 0.7), y / 2, z - 0.15)), 'beam'))
    return pieces


def _furniture(size: np.ndarray, rng: np.random.Generator) -> list[Piece]:
    """Furniture and clutter on free places of the floor; what finds none is left out."""
    wanted = ['bookcase', 'sofa', *['table'] * rng.integers(2, 4), *['chair'] * rng.integers(4, 8)]
    wanted += ['clutter'] * int(rng.integers(4, 8))
    pieces, taken = [], []
    for name in wanted:
        recipe = rng.choice(CLUTTER) if name == 'clutter' else recipe_of(name)
        longest = rng.uniform(*FURNITURE.get(name, (0.25, 0.6)))
        mesh = _upright(str(recipe), longest, rng)
        half = np.ptp(mesh.vertices, axis=0)[:2] / 2
        for _ in range(40):
            middle = rng.uniform(half + 0.1, np.maximum(size[:2] - half - 0.1, half + 0.11))
            if all((np.abs(middle - other) > half + extent).any() for other, extent in taken):
                taken.append((middle, half + 0.05))
                move(mesh, (*middle, 0))
                pieces.append(Piece(mesh, name))
                break
    return pieces


def _upright(recipe: str, longest: float, rng: np.random.Generator) -> Trimesh:
    """An object with z up, on the floor, rotated by quarters, centered in x and y."""
    shape = make_object(recipe, rng)
    vertices = shape.vertices[:, [2, 0, 1]]
    for _ in range(rng.integers(4)):
        vertices = vertices[:, [1, 0, 2]] * (-1, 1, 1)
    vertices = vertices * longest / np.ptp(vertices, axis=0).max()
    low, high = vertices.min(0), vertices.max(0)
    vertices = vertices - (*(low + high)[:2] / 2, low[2])
    return require('trimesh', 'demo').Trimesh(vertices, shape.faces, process=False)
