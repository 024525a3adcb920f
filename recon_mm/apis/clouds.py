"""Reads a cloud from a file of any usual kind."""

from io import BytesIO
from pathlib import Path

import numpy as np

from recon_mm.datasets.checks import check_file, check_points
from recon_mm.datasets.errors import DataError
from recon_mm.datasets.readers import read_npy, reading
from recon_mm.utils import require

TEXT = ('.txt', '.xyz', '.pts', '.csv')
GEOMETRY = ('.ply', '.off', '.obj', '.stl', '.glb')
SURFACE_POINTS = 8192


def load_cloud(path: str | Path) -> np.ndarray:
    """A cloud, float32 ``(N, 3)``.

    Args:
        path: ``.npy``; text with one point per line and x, y, z in front (spaces or commas
            between); or what trimesh reads (``.ply``, ``.off``, ``.obj``, ``.stl``, ``.glb``):
            points as they are, 8192 points evenly from a surface.

    Raises:
        DataError: If the file is missing, of another kind or no cloud.
    """
    path = Path(path)
    check_file(path, 'a point cloud')
    suffix = path.suffix.lower()
    if suffix == '.npy':
        points = read_npy(path)
    elif suffix in TEXT:
        points = _read_text(path)
    elif suffix in GEOMETRY:
        points = _read_geometry(path)
    else:
        known = ', '.join(('.npy', *TEXT, *GEOMETRY))
        raise DataError(f"'{path}' is of no known kind of point cloud, expected one of {known}.")
    if points.ndim == 2 and points.shape[1] > 3:
        points = points[:, :3]
    return check_points(points, path)


def _read_text(path: Path) -> np.ndarray:
    with reading(path, 'a point cloud', 'a table of numbers'):
        return np.loadtxt(path.read_text('utf-8').replace(',', ' ').splitlines(), ndmin=2)


def _read_geometry(path: Path) -> np.ndarray:
    trimesh = require('trimesh', 'demo')
    with reading(path, 'a point cloud', 'a mesh or points'):
        # From bytes, not from a path: other files that it names (materials) are not opened.
        geometry = trimesh.load(BytesIO(path.read_bytes()), file_type=path.suffix[1:].lower())
        if isinstance(geometry, trimesh.Scene):
            geometry = geometry.to_geometry()
        if isinstance(geometry, trimesh.Trimesh) and len(geometry.faces):
            return trimesh.sample.sample_surface(geometry, SURFACE_POINTS, seed=0)[0]
        return np.asarray(geometry.vertices)
