"""Every check of data on disk, in one place: what was found, what was expected, what to do."""

import pickle
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.utils.safe_pickle import load_pickle

from .errors import DataError

DEMO_HINT = (
    "To try the project without the real set, write demo data by 'python "
    "tools/dataset_converters/make_demo_data.py' and set RECON_DATA to its folder"
)


def check_root(root: Path, dataset: str, layout: str) -> None:
    """Checks that the folder of a data set exists.

    Args:
        root: The folder.
        dataset: The name of the data set, for the message.
        layout: The files expected below it, a line each, for the message.

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
    if not path.is_file():
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


def check_points(
    points: Any, source: Path | str, min_points: int = 1, columns: Sequence[int] = (3,)
) -> None:
    """Checks one cloud.

    Args:
        points: What the file held; expected is a numeric ``(N, C)`` array.
        source: The file (and place in it) the cloud comes from.
        min_points: The fewest points that make sense.
        columns: The numbers of columns C that are accepted.

    Raises:
        DataError: If it is not an array of that shape, has too few points, or NaN or infinite
            values.
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
            f"'{source}' holds an array of shape {points.shape}, expected (N, {wanted}): a point "
            f'a row, x y z in front. Write the file again.'
        )
    if len(points) < min_points:
        raise DataError(
            f"'{source}' holds {len(points)} points, expected at least {min_points}. Write the "
            f'file with more points, or ask for fewer in the config.'
        )
    finite = np.isfinite(points)
    if not finite.all():
        bad = np.flatnonzero(~finite.all(axis=1))
        raise DataError(
            f"'{source}' holds NaN or infinite values in {len(bad)} of {len(points)} points "
            f'(first: point {bad[0]} = {points[bad[0]].tolist()}), expected finite numbers. '
            f'Write the file again or take the sample out of the list.'
        )


def check_labels(labels: np.ndarray, num_classes: int, source: Path | str, first: int = 0) -> None:
    """Checks that class indices lie in ``first..first + num_classes - 1``.

    Raises:
        DataError: If one does not; names its place and value.
    """
    bad = np.flatnonzero((labels < first) | (labels >= first + num_classes))
    if len(bad):
        raise DataError(
            f"'{source}' holds the label {labels[bad[0]]} at {bad[0]} ({len(bad)} of {len(labels)} "
            f'are out of range), expected {first} to {first + num_classes - 1}. Is it the file of '
            f'another data set, or of another number of classes?'
        )


def scalar_labels(labels: Sequence[Any]) -> np.ndarray:
    """Labels as the community writes them, numbers or arrays of one number, to int64 ``(n,)``."""
    return np.array([int(np.asarray(label).reshape(-1)[0]) for label in labels], dtype=np.int64)


def read_npy(path: Path | str) -> np.ndarray:
    """Reads a ``.npy`` file; pickled objects in it are refused.

    Raises:
        DataError: If the file is missing, truncated or no ``.npy`` file.
    """
    path = Path(path)
    check_file(path, 'the points of one shape')
    try:
        return np.load(path, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise DataError(
            f"'{path}' cannot be read ({path.stat().st_size} bytes; {error}), expected a whole "
            f'.npy file of an (N, 3) array. It is probably truncated: copy it again.'
        ) from error


def read_table(path: Path, delimiter: str | None, columns: Sequence[int]) -> np.ndarray:
    """Reads a text file of numbers, float32 ``(N, C)``.

    Args:
        path: The file.
        delimiter: What separates the numbers; None for blanks.
        columns: The numbers of columns C that are accepted.

    Raises:
        DataError: If the file is not such a table; names the file and, where known, the line.
    """
    try:
        table = np.loadtxt(path, dtype=np.float32, delimiter=delimiter, ndmin=2)
    except (ValueError, OSError) as error:
        raise DataError(
            f"'{path}' cannot be read ({error}), expected lines of "
            f'{" or ".join(str(c) for c in columns)} numbers. Restore it from the archive.'
        ) from error
    check_points(table, path, columns=columns)
    return table


def read_pickle(path: Path, what: str, layout: str | None = None) -> Any:
    """Reads a pickle of arrays and containers; any other is refused.

    Raises:
        DataError: If the file is missing, truncated, or names code to run.
    """
    check_file(path, what, layout)
    try:
        return load_pickle(path)
    except pickle.UnpicklingError as error:
        raise DataError(f'{what}: {error}') from error


def read_lines(path: Path, what: str, layout: str | None = None) -> list[str]:
    """Reads the non-empty lines of a text file.

    Raises:
        DataError: If the file is missing or has no such line.
    """
    check_file(path, what, layout)
    lines = [line.strip() for line in path.read_text().splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        raise DataError(f"'{path}' ({what}) is empty, expected a name a line.")
    return lines
