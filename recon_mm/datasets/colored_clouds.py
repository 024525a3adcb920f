"""Reads clouds with colors: scans of rooms."""

from pathlib import Path

import numpy as np

from recon_mm.utils import require

from .checks import check_points
from .errors import DataError
from .readers import read_npy, reading

TEXT = ('.txt', '.xyz', '.pts', '.csv')
COLORED = ('.npy', '.ply', *TEXT)


def read_colored(path: str | Path) -> np.ndarray:
    """A cloud with colors, float32 ``(N, 6)``: x y z, then r g b of 0 to 255.

    Args:
        path: ``.npy`` or text (``.txt .xyz .pts .csv``) with these six numbers in front of each
            row, or ``.ply`` with colors.

    Raises:
        DataError: If the file is missing, damaged, of another kind, or has no colors.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in COLORED:
        raise DataError(
            f"'{path}' is of no kind that is read with colors, expected one of {', '.join(COLORED)}"
        )
    if suffix == '.npy':
        table = read_npy(path)
    else:
        with reading(path, 'a cloud with colors', 'points with colors'):
            table = _read_ply(path) if suffix == '.ply' else _read_text(path)
    return check_colored(table, path)


def check_colored(table: np.ndarray, source: Path | str) -> np.ndarray:
    """Checks a cloud with colors, and leaves out what is behind them.

    Raises:
        DataError: If it is no cloud, or has no colors of 0 to 255.
    """
    if isinstance(table, np.ndarray) and table.ndim == 2 and table.shape[1] > 6:
        table = table[:, :6]
    cloud = check_points(table, source, columns=(6,))
    low, high = cloud[:, 3:].min(), cloud[:, 3:].max()
    if low < 0 or high > 255:
        raise DataError(
            f"'{source}' has colors from {low:g} to {high:g}, expected 0 to 255 in the columns "
            f'after x y z. Write the file again.'
        )
    return cloud


def _read_text(path: Path) -> np.ndarray:
    lines = path.read_text('utf-8-sig').replace(',', ' ').splitlines()
    return np.loadtxt(lines, ndmin=2)


def _read_ply(path: Path) -> np.ndarray:
    trimesh = require('trimesh', 'shapes')
    with open(path, 'rb') as file:
        geometry = trimesh.load(file, file_type='ply', process=False)
    colors = geometry.visual.vertex_colors if hasattr(geometry, 'faces') else geometry.colors
    if len(colors) != len(geometry.vertices):
        raise ValueError('it has no colors')
    return np.concatenate([geometry.vertices, np.asarray(colors)[:, :3]], axis=1)
