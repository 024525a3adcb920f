"""Packs clouds from files of their own into one store."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from .checks import PATCH, check_points
from .errors import DataError, raise_all
from .fingerprint import fingerprint
from .readers import read_npy
from .storage import HEADER, PACKED, ArraySpec, Header, resume_store

CHUNK = 256  # clouds that are read together and made safe on the disk together, 25 MB


def pack_clouds(
    folder: Path,
    files: Sequence[Path],
    workers: int = 8,
    progress: Callable[[str, int], None] = lambda stage, count: None,
) -> bool:
    """Copies clouds from files of their own into one store, and compares each with its source.

    Killed at any moment, the same call goes on from there. A store that is complete is compared.
    Either way the store then says of which files it is (names, sizes, times of change), so that a
    later change of them is noticed.

    Args:
        folder: The store.
        files: The source files, ``(points, 3)`` each, all with the same number of points.
        workers: Threads that read.
        progress: Called with what is done (``'pack'`` or ``'compare'``) and for how many clouds.

    Returns:
        Whether clouds were packed now.

    Raises:
        DataError: If source files are bad (all are named), do not fit each other, or differ from
            the packed clouds; or the store cannot be written.
    """
    if not files:
        raise DataError('no shapes to pack: the lists are empty')
    shape = (len(files), len(_read(files[0])), 3)
    ids = [file.stem for file in files]
    sources, _ = fingerprint(files)  # before they are read: a later change shows
    header = Header(PACKED.name, {'clouds': ArraySpec(shape, 'float32')}, {}, ids)
    with resume_store(Path(folder), PACKED, header, 1) as writer:
        problems: list[str] = []
        progress('pack', int(writer.finished.sum()))
        for rows, clouds in _chunks(files, ~writer.finished, shape[1], workers, problems):
            writer.write(rows, clouds)
            progress('pack', len(rows))
        raise_all(problems)
        for rows, clouds in _chunks(files, np.ones(len(files), bool), shape[1], workers, problems):
            differ = (writer.array[rows] != clouds).any(axis=(1, 2))
            problems += [
                f"'{files[row]}' holds other points than its row {row} in '{folder}'. Was it "
                f'changed since? {PACKED.advice}'
                for row in rows[differ]
            ]
            progress('compare', len(rows))
        raise_all(problems)
    header._replace(made_from={'clouds': sources}).write(Path(folder) / HEADER)
    return not writer.finished.all()


def _chunks(
    files: Sequence[Path], wanted: np.ndarray, num_points: int, workers: int, problems: list[str]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows and clouds; bad ones are added to the problems and left out."""

    def read(row: int) -> np.ndarray | str:
        try:
            cloud = _read(files[row])
        except DataError as error:
            return str(error)
        if len(cloud) == num_points:
            return cloud
        return (
            f"'{files[row]}' holds {len(cloud)} points, the first shape {num_points}; all must "
            f'have as many. Take it out of the list, or write it again.'
        )

    rows = np.flatnonzero(wanted)
    with ThreadPoolExecutor(workers) as pool:
        for chunk in np.split(rows, range(CHUNK, len(rows), CHUNK)):
            results = list(pool.map(read, chunk))
            problems += [result for result in results if isinstance(result, str)]
            good = [i for i, result in enumerate(results) if not isinstance(result, str)]
            if good:
                yield chunk[good], np.stack([results[i] for i in good])


def _read(file: Path) -> np.ndarray:
    """A cloud as ``LoadPoints`` reads it, float32 ``(points, 3)``."""
    points = read_npy(file)
    return check_points(points, file, min_distinct=max(2, min(PATCH, len(points))))
