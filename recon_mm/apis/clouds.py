"""Reads a cloud from a file of any usual kind."""

from pathlib import Path

import numpy as np

from recon_mm.datasets.checks import check_points
from recon_mm.datasets.shape_files import NUM_POINTS, draw_points, read_shape


def load_cloud(path: str | Path, up: str = 'y') -> np.ndarray:
    """A cloud, float32 ``(N, 3)``: points as they are, 8192 points evenly from a surface.

    Args:
        path: Of any kind that :func:`~recon_mm.datasets.shape_files.read_shape` reads.
        up: The axis that points up in the file; in the cloud it is y.

    Raises:
        DataError: If the file is missing, of another kind or no cloud.
    """
    shape = read_shape(path, up)
    if shape.faces is None:
        return check_points(shape.points, path)
    return draw_points(shape, NUM_POINTS, 0, path)[0]
