"""One object: the labeled triangles of a recipe, normalized, and the seeds behind it."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from demo.recipes import RECIPES, Draw
from demo.solids import join, rotate

# Proportions and directions that overlap between categories: without them the pooled features
# of an untrained network tell the categories apart, and learning would show nothing.
STRETCH = 1.35  # how far each axis may be stretched or squeezed
YAW = 25  # degrees; how far an object may be rotated from facing +z


@dataclass(frozen=True)
class DemoObject:
    """Triangles inside the unit ball, y up, each with the index of its part.

    Attributes:
        part_names: Names of the category's parts, in the order of their labels.
        vertices: (V, 3) float64.
        faces: (F, 3) indices of vertices.
        face_parts: (F,) index of each triangle's part in ``part_names``.
    """

    part_names: tuple[str, ...]
    vertices: np.ndarray
    faces: np.ndarray
    face_parts: np.ndarray


def seeded(seed: int, *key: str | int) -> np.random.Generator:
    """A separate generator per key, whatever the order or the process it is created in."""
    return np.random.default_rng([seed, crc32('/'.join(map(str, key)).encode())])


def make_object(category: str, rng: np.random.Generator) -> DemoObject:
    """Makes a random object of a category.

    Args:
        category: A key of ``RECIPES``.
        rng: Decides every choice and proportion.

    Raises:
        KeyError: If no recipe makes the category.
    """
    if category not in RECIPES:
        raise KeyError(f'no recipe makes {category!r}; there are {sorted(RECIPES)}')
    recipe = RECIPES[category]
    parts = recipe.build(Draw(rng))
    if not parts or not set(parts) <= set(recipe.parts):
        raise KeyError(f'recipe {category!r} made parts {sorted(parts)} of {recipe.parts}')
    solids = [(mesh, recipe.parts.index(name)) for name, meshes in parts.items() for mesh in meshes]
    mesh = join([mesh for mesh, _ in solids])
    mesh.vertices = mesh.vertices * STRETCH ** rng.uniform(-1, 1, 3)
    vertices = rotate(mesh, 'y', rng.uniform(-YAW, YAW)).vertices
    vertices = vertices - (vertices.min(0) + vertices.max(0)) / 2
    return DemoObject(
        part_names=recipe.parts,
        vertices=vertices / np.linalg.norm(vertices, axis=1).max(),
        faces=np.asarray(mesh.faces),
        face_parts=np.concatenate([np.full(len(mesh.faces), label) for mesh, label in solids]),
    )
