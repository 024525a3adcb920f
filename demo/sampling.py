"""Points on an object's surface, as many on each patch as its area asks for."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from demo.objects import DemoObject
from recon_mm.utils.optional import require

NOISE = 0.015  # largest standard deviation along the normal, in radii of the object


class SurfacePoints(NamedTuple):
    """Points with what is known of the surface under them.

    Attributes:
        points: (N, 3) float32, inside about the unit ball.
        normals: (N, 3) float32, unit length.
        parts: (N,) int64, index of the part in the object's ``part_names``.
    """

    points: np.ndarray
    normals: np.ndarray
    parts: np.ndarray


def sample_surface(
    shape: DemoObject, count: int, rng: np.random.Generator, noise: float | None = None
) -> SurfacePoints:
    """Draws points uniformly by area.

    Args:
        shape: The object.
        count: Number of points N.
        rng: Decides the points.
        noise: Standard deviation of a shift along the normal; None draws one for the
            whole object, uniform in [0, ``NOISE``].
    """
    trimesh = require('trimesh', 'demo')
    mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
    points, face = trimesh.sample.sample_surface(mesh, count, seed=rng)[:2]
    edges = shape.vertices[shape.faces[face]]  # (N, 3 corners, 3)
    normals = np.cross(edges[:, 1] - edges[:, 0], edges[:, 2] - edges[:, 0])
    # a triangle without area is never drawn, so the length is not zero
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    sigma = rng.uniform(0, NOISE) if noise is None else noise
    points = points + normals * rng.normal(0, 1, (count, 1)) * sigma
    return SurfacePoints(
        points=points.astype(np.float32),
        normals=normals.astype(np.float32),
        parts=shape.face_parts[face].astype(np.int64),
    )
