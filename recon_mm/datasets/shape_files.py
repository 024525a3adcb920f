"""Reads one shape from a file of any usual kind: a mesh, or a cloud."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recon_mm.utils import require

from .checks import LARGEST, PATCH, check_file, check_labels, check_points
from .errors import DataError
from .readers import reading
from .shape_meshes import MESHES, read_mesh
from .shape_tables import TABLES, read_labels

NUM_POINTS = 8192
LARGEST_FILE = 2**30  # bytes
FAR = 1e3  # extents from the origin, where float32 begins to lose what a shape is made of
AXES = {  # the rotation that brings an axis to +y: the columns of the result, and their signs
    'x': ((1, 0, 2), (-1, 1, 1)),
    '-x': ((1, 0, 2), (1, -1, 1)),
    'y': ((0, 1, 2), (1, 1, 1)),
    '-y': ((0, 1, 2), (1, -1, -1)),
    'z': ((0, 2, 1), (1, 1, -1)),
    '-z': ((0, 2, 1), (1, -1, 1)),
}
KINDS = (*MESHES, *TABLES)
NEEDS = {**dict.fromkeys(MESHES, ('trimesh',)), '.laz': ('laspy', 'lazrs'), '.pcd': ('pypcd4',)}


class Shape(NamedTuple):
    """A mesh, or a cloud.

    Attributes:
        points: float64 ``(N, 3)``: vertices, or the points of a cloud; finite, not far away.
        faces: int64 ``(F, 3)``; ``None`` of a cloud.
        labels: int64 ``(F,)`` of a mesh, ``(N,)`` of a cloud; ``None`` where they were not read.
    """

    points: np.ndarray
    faces: np.ndarray | None = None
    labels: np.ndarray | None = None


def read_shape(
    path: str | Path, up: str = 'y', bin_columns: int = 4, with_labels: bool = False
) -> Shape:
    """Reads a mesh (``.obj .off .ply .stl .glb .gltf``) or a cloud.

    Clouds are ``.npy`` and ``.npz`` arrays ``(N, 3 or more)``, ``.h5`` (``data``), ``.ply``,
    ``.pcd``, ``.las``, ``.laz``, ``.bin`` (float32 rows), and text (``.txt .xyz .pts .csv``) of one
    point per line, x y z in front or named by a header line. Normals and colors are passed over.

    Args:
        path: The file. Of the files that it names only a glTF's buffers are read, and these only
            from its folder.
        up: The axis that points up in the file, one of ``AXES``; the result has y up.
        bin_columns: Numbers per point of a ``.bin`` file.
        with_labels: Whether to read a whole number per point, or per face of a mesh: from the file
            ``<name>.seg`` beside it if there, one per line; else from the property or array
            ``label``, or the last column.

    Raises:
        DataError: If the file is missing, of another kind, damaged, larger than 1 GiB, or no shape
            that has an extent.
        ImportError: If the library for this kind is missing; names the extra.
    """
    path = Path(path)
    check_file(path, 'a shape')
    suffix = path.suffix.lower()
    if suffix not in KINDS:
        known = ', '.join(KINDS)
        raise DataError(f"'{path}' is of no known kind of shape, expected one of {known}.")
    for module in NEEDS.get(suffix, ()):
        require(module, 'shapes')  # not below, where it would be said of the file
    beside = path.with_suffix('.seg')
    inside = with_labels and not beside.is_file()
    with reading(path, 'a shape', 'a table of numbers' if suffix in TABLES else 'a mesh or points'):
        if (size := path.stat().st_size) > LARGEST_FILE:
            raise ValueError(f'{size / 2**30:.1f} GiB, at most 1 is read as one shape')
        if suffix in TABLES:
            read: Callable = TABLES[suffix]
            points, labels = read(path, bin_columns if suffix == '.bin' else inside)
            faces = None
        else:
            points, faces, labels = read_mesh(path, inside)
    points = _check(points, path)
    if faces is not None and (faces.min() < 0 or faces.max() >= len(points)):
        raise DataError(
            f"'{path}' has faces of vertices {faces.min()} to {faces.max()}, expected 0 to "
            f'{len(points) - 1}. It is damaged: copy it again.'
        )
    if faces is not None:  # vertices of no face have no part in what it is, or how large
        used, faces = np.unique(faces, return_inverse=True)
        points, faces = points[used], faces.reshape(-1, 3)
    shape = Shape(to_y_up(points, up), faces)
    if not with_labels:
        return shape
    if not inside:
        path, labels = beside, read_labels(beside)
    return shape._replace(labels=_check_labels(labels, shape, path))


def to_y_up(points: np.ndarray, up: str) -> np.ndarray:
    """Rotates points ``(N, 3)`` so that the axis ``up`` becomes y."""
    if up not in AXES:
        raise ValueError(f'up={up!r}, expected one of {", ".join(AXES)}')
    columns, signs = AXES[up]
    return points[:, columns] * signs


def draw_points(
    shape: Shape, num_points: int, seed: int, source: Path | str
) -> tuple[np.ndarray, np.ndarray | None]:
    """Points of a shape: evenly from a surface, or a random choice of a cloud's.

    Of a smaller cloud all points are kept and the rest drawn again from them.

    Args:
        shape: The shape.
        num_points: How many.
        seed: Decides which.
        source: The file, for errors.

    Returns:
        float32 ``(num_points, 3)``; and the labels int64 ``(num_points,)``, if there are any.

    Raises:
        DataError: If the surface has no area, or fewer than 32 points differ.
    """
    generator = np.random.default_rng(seed)
    if shape.faces is not None:
        points, index = _surface_points(shape, num_points, generator, source)
    else:
        total = len(shape.points)
        index = generator.permutation(total)[:num_points]
        index = np.r_[index, generator.integers(0, total, num_points - len(index))]
        points = shape.points[index]
    points = check_points(points, source, min_distinct=min(PATCH, num_points))
    return points, None if shape.labels is None else shape.labels[index]


def _surface_points(
    shape: Shape, count: int, generator: np.random.Generator, source: Path | str
) -> tuple[np.ndarray, np.ndarray]:
    """Points ``(count, 3)`` of a mesh, as many on each face as its area asks for, and the faces."""
    a, b, c = shape.points[shape.faces].transpose(1, 0, 2)  # (F, 3) each
    scale = np.ptp(shape.points, axis=0).max()
    area = np.linalg.norm(np.cross((b - a) / scale, (c - a) / scale), axis=1)
    if not (total := area.cumsum())[-1] > 0:
        raise DataError(
            f"'{source}' is a mesh of {len(area)} faces without any area, expected a surface. "
            f'Repair it, or write its points as a cloud.'
        )
    face = np.searchsorted(total, generator.random(count) * total[-1], side='right')
    face = np.minimum(face, len(area) - 1)
    u, v = generator.random((2, count, 1))
    u, v = np.where(u + v > 1, (1 - u, 1 - v), (u, v))  # the other half of the parallelogram
    return a[face] + u * (b - a)[face] + v * (c - a)[face], face


def _check(points: np.ndarray, path: Path) -> np.ndarray:
    """Checks coordinates, and moves those that float32 could not tell apart to the origin."""
    if points.ndim == 2 and points.shape[1] > 3:
        points = points[:, :3]
    if points.size and points.dtype.kind in 'fiu' and np.abs(points).max() <= LARGEST:
        points = points.astype(np.float64)
        low, high = points.min(0), points.max(0)
        if np.abs(low + high).max() / 2 > FAR * (high - low).max():
            points = points - (low + high) / 2
    check_points(points, path)
    return points


def _check_labels(found: np.ndarray | None, shape: Shape, path: Path) -> np.ndarray:
    count, what = len(shape.points), 'points'
    if shape.faces is not None:
        count, what = len(shape.faces), 'faces'
    if found is None or len(found) != count:
        got = 'no labels' if found is None else f'{len(found)} labels'
        raise DataError(
            f"'{path}' has {got} for {count} {what} (triangles of a mesh), expected one each: in "
            f"'{path.stem}.seg' beside the shape, one per line; as a property or array 'label'; "
            f'or, of a table of points, as its last column.'
        )
    check_labels(found, 2**24, path)
    return found.astype(np.int64)
