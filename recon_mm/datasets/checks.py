"""Every check of data on disk, in one place: what was found, what was expected, what to do."""

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .errors import DataError

LARGEST = 1e15  # of a coordinate: the squares of 1e8 points still add up to a float32
PATCH = 32  # points of the paper's patches

DEMO_HINT = (
    "To try the project without the real set, write demo data by 'python "
    "tools/dataset_converters/make_demo_data.py' and set RECON_DATA to its folder"
)


def check_root(root: Path, dataset: str, layout: str) -> None:
    """Checks that the folder of a data set exists.

    Args:
        root: The folder.
        dataset: The name of the data set, for the message.
        layout: The files expected below it, one per line, for the message.

    Raises:
        DataError: If there is no such folder.
    """
    if not root.is_dir():
        raise DataError(
            f"{dataset}: no folder '{root}' (looked in '{root.absolute()}'). Expected layout:\n"
            f'{layout}\nPut the data set there, or pass data_root (RECON_DATA for the configs of '
            f'this project). {DEMO_HINT}.'
        )


def check_file(path: Path, what: str, layout: str | None = None) -> None:
    """Checks that a file exists.

    Args:
        path: The file.
        what: What the file is, e.g. ``'the list of training shapes'``.
        layout: The expected files, for the message.

    Raises:
        DataError: If there is no such file.
    """
    if not os.path.isfile(path):  # False for names that no file can have, which Path raises on
        found = 'its folder exists' if path.parent.is_dir() else f"nor a folder '{path.parent}'"
        expected = f' Expected layout:\n{layout}' if layout else ''
        raise DataError(
            f"no file '{path}' ({what}; {found}).{expected}\nRestore it from the data set's "
            f'archive. {DEMO_HINT}.'
        )


def check_listed(
    listed: Sequence[str], present: Collection[str], folder: Path, list_file: Path | str
) -> None:
    """Checks that every file of a list exists, by one listing of the folder.

    Args:
        listed: The file names that are wanted.
        present: The file names in the folder.
        folder: The folder.
        list_file: The file that lists the names.

    Raises:
        DataError: If files are missing; names the first three and the count.
    """
    missing = [folder / name for name in listed if name not in present]
    if missing:
        raise missing_files(missing, len(listed), f"'{list_file}' names")


def missing_files(missing: Sequence[Path], total: int, who_names: str) -> DataError:
    """The error of files that are named and not there."""
    first = ', '.join(f"'{path}'" for path in missing[:3])
    return DataError(
        f'{who_names} {len(missing)} of {total} files that do not exist: {first}'
        f"{', ...' if len(missing) > 3 else ''}. Restore them from the data set's archive, take "
        f"their lines out of the list, or see all by 'python "
        f"tools/dataset_converters/check_dataset.py'."
    )


def check_name(name: Any, source: Path) -> str:
    """Checks that a name in a list is a plain file name: it cannot lead out of the data's folder.

    Raises:
        DataError: If it is anything else; names the list.
    """
    plain = isinstance(name, str) and 0 < len(name) < 256 and name not in ('.', '..')
    if not plain or any(character in '/\\:\0' for character in name):
        raise DataError(
            f"'{source}' names {str(name)[:80]!r}, expected the plain name of a file or a folder, "
            f"without a path: nothing outside the data set's folder is read. Correct the list."
        )
    return name


def check_points(
    points: Any,
    source: Path | str,
    min_points: int = 1,
    columns: Sequence[int] = (3,),
    min_distinct: int = 2,
) -> np.ndarray:
    """Checks one cloud, as float32: what is finite and distinct in the file may not be so there.

    Args:
        points: What the file held; expected is a numeric ``(N, C)`` array.
        source: The file (and place in it) the cloud comes from.
        min_points: The fewest points that make sense.
        columns: The numbers of columns C that are accepted.
        min_distinct: The fewest different points; equal ones make no patch, and no size to
            normalize by.

    Returns:
        The cloud, float32 ``(N, C)``, contiguous.

    Raises:
        DataError: If it is not an array of that shape, has too few points or too few different
            ones, or values that are NaN, infinite or beyond +-1e15.
    """
    wanted = ' or '.join(str(c) for c in columns)
    if not isinstance(points, np.ndarray) or points.dtype.kind not in 'fiu':
        kind = f'{points.dtype} array' if isinstance(points, np.ndarray) else type(points).__name__
        raise DataError(
            f"'{source}' holds {kind}, expected an (N, {wanted}) array of numbers. "
            f'Write the file again.'
        )
    if points.ndim != 2 or points.shape[1] not in columns:
        raise DataError(
            f"'{source}' holds an array of shape {points.shape}, expected (N, {wanted}): one point "
            f'per row, x y z in front. Write the file again.'
        )
    if len(points) < min_points:
        raise DataError(
            f"'{source}' holds {len(points)} points, expected at least {min_points}. Write the "
            f'file with more points, or ask for fewer in the config.'
        )
    with np.errstate(over='ignore'):  # an infinity is reported below
        cloud = np.ascontiguousarray(points, dtype=np.float32)
    if not in_range(cloud):
        bad = np.flatnonzero(~(np.abs(cloud) <= LARGEST).all(axis=1))
        raise DataError(
            f"'{source}' holds NaN, infinite or too large values in {len(bad)} of {len(points)} "
            f'points (first: point {bad[0]} = {points[bad[0]].tolist()}), expected numbers within '
            f'+-{LARGEST:g}, whose squares float32 can add. Write the file again or take the '
            f'sample out of the list.'
        )
    if not _has_distinct(cloud, min_distinct):
        found = len(np.unique(cloud[:, :3], axis=0))
        raise DataError(
            f"'{source}' holds {len(cloud)} points, of which {found} differ (as float32), expected "
            f'at least {min_distinct} different ones. Write the file again or take the sample out '
            f'of the list.'
        )
    return cloud


def in_range(values: np.ndarray) -> bool:
    """Whether no value is NaN, infinite or too large: a NaN makes both comparisons false."""
    return not values.size or bool(values.min() >= -LARGEST and values.max() <= LARGEST)


def _has_distinct(cloud: np.ndarray, wanted: int) -> bool:
    """Whether so many rows differ in x y z: the first few tell of nearly every cloud."""
    x, y, z = cloud[: 2 * wanted, :3].T
    mixed = np.sort(x + np.float32(1.7) * y + np.float32(2.3) * z)  # equal of equal rows
    if np.count_nonzero(mixed[1:] != mixed[:-1]) + 1 >= wanted:
        return True
    return len(np.unique(cloud[:, :3], axis=0)) >= wanted


def check_labels(labels: np.ndarray, num_classes: int, source: Path | str, first: int = 0) -> None:
    """Checks that class indices are whole numbers in ``first..first + num_classes - 1``.

    Raises:
        DataError: If one does not; names its place and value.
    """
    good = (labels >= first) & (labels < first + num_classes) & (labels == np.floor(labels))
    bad = np.flatnonzero(~good)
    if len(bad):
        raise DataError(
            f"'{source}' holds the label {labels[bad[0]]} at {bad[0]} ({len(bad)} of {len(labels)} "
            f'are out of range), expected {first} to {first + num_classes - 1}. Is it the file of '
            f'another data set, or one with a different number of classes?'
        )


def scalar_labels(labels: Sequence[Any]) -> np.ndarray:
    """Labels as the community writes them, numbers or arrays of one number, to int64 ``(n,)``."""
    return np.array([int(np.asarray(label).reshape(-1)[0]) for label in labels], dtype=np.int64)
