"""Reads a cloud from a file of any usual kind."""

from pathlib import Path

import numpy as np

from recon_mm.datasets.checks import check_file, check_points, read_npy
from recon_mm.datasets.errors import DataError
from recon_mm.utils import require

TEXT = ('.txt', '.xyz', '.pts', '.csv')
GEOMETRY = ('.ply', '.off', '.obj', '.stl', '.glb')
SURFACE_POINTS = 8192


def load_cloud(path: str | Path) -> np.ndarray:
    """A cloud, float32 ``(N, 3)``.

    Args:
        path: ``.npy``; text with a point a line and x, y, z in front (spaces or commas between);
            or what trimesh reads (``.ply``, ``.off``, ``.obj``, ``.stl``, ``.glb``): points as they
            are, 8192 points evenly from a surface.

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
    check_points(points, path)
    return np.ascontiguousarray(points, dtype=np.float32)


def _read_text(path: Path) -> np.ndarray:
    text = path.read_text().replace(',', ' ')
    try:
        return np.loadtxt(text.splitlines(), ndmin=2)
    except ValueError as error:
        raise DataError(f"'{path}' is no table of numbers ({error}).") from error


def _read_geometry(path: Path) -> np.ndarray:
    trimesh = require('trimesh', 'demo')
    geometry = trimesh.load(path)
    if isinstance(geometry, trimesh.Scene):
        geometry = geometry.to_geometry()
    if isinstance(geometry, trimesh.Trimesh) and len(geometry.faces):
        return trimesh.sample.sample_surface(geometry, SURFACE_POINTS, seed=0)[0]
    return np.asarray(geometry.vertices)
