"""Makes stores: in ``<folder>.partial``, which gets its name by one rename when complete."""

import hashlib
import logging
import math
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from mmengine.logging import print_log

from ..errors import DataError
from .header import FORMAT, HEADER, ArraySpec, Header, Kind, canonical, check_expected
from .store import ArrayStore, map_array, open_store

DIGITS = 20  # of a fingerprint in a name
FINISHED = 'finished.npy'

Build = Callable[[Path], dict[str, ArraySpec]]


def open_or_build(
    parent: Path,
    name: str,
    kind: Kind,
    made_from: dict,
    build: Build,
    keep_others: bool = False,
    check: Callable[[ArrayStore], Any] = lambda store: None,
) -> ArrayStore:
    """Opens ``<name>-<fingerprint of made_from>``; makes it first where it is not, or is damaged.

    ``build`` writes the arrays into a folder; ``made_from`` is all that they depend on. Of several
    processes that ask at the same time, one builds and the others wait. Those of the same name and
    a different fingerprint are removed. ``check`` raises DataError of a store whose arrays do not
    belong together: it counts as damaged.

    Raises:
        DataError: If nothing can be written in ``parent``.
    """
    digest = hashlib.sha256(canonical([FORMAT, kind.name, made_from]).encode()).hexdigest()
    folder = parent / f'{name}-{digest[:DIGITS]}'

    def find() -> ArrayStore | None:
        if os.path.lexists(folder):
            try:
                store = open_store(folder, kind, made_from)
                check(store)
                return store
            except DataError as error:
                print_log(f'made again: {error}', 'current', logging.WARNING)
        return None

    if (store := find()) is not None:
        return store
    with _locked(parent / f'{name}.lock', kind):
        if find() is None:
            partial = Path(f'{folder}.partial')
            _remove(partial)  # of a killed process
            partial.mkdir()
            try:
                Header(kind.name, build(partial), made_from, []).write(partial / HEADER)
                _publish(partial, folder)
            except OSError as error:
                free = shutil.disk_usage(parent).free
                raise DataError(
                    f"'{partial}' cannot be written ({error}; {free / 1e9:.3f} GB are free there). "
                    f'{kind.advice}'
                ) from error
            finally:
                _remove(partial)
        for other in parent.glob(f'{name}-' + '[0-9a-f]' * DIGITS + '*'):
            if other != folder and not keep_others and not other.is_symlink():
                _remove(other)  # maps that are open keep their pages
    return open_store(folder, kind, made_from)


class ResumableWriter:
    """The one array of a store that takes hours to fill; see :func:`resume_store`."""

    def __init__(self, header: Header, array: Any, finished: Any) -> None:
        self.sample_ids, self.array = header.sample_ids, array
        self.finished, self._finished = np.array(finished), finished  # at the start, and now

    def write(self, index: Any, values: np.ndarray) -> None:
        """Stores ``array[index] = values``, then marks it as finished.

        The index is of rows ``(B,)``, or a pair of rows and views; the values are ``(B, ...)``.

        Raises:
            DataError: If a value is not a finite number, or the stored type cannot hold it.
        """
        with np.errstate(over='ignore'):  # reported below, with the sample's name
            stored = values.astype(self.array.dtype)
        bad = ~np.isfinite(stored).reshape(len(stored), -1).all(axis=1)
        if bad.any():
            first = bad.argmax()
            row = (index[0] if isinstance(index, tuple) else index)[first]
            raise DataError(
                f"the values of sample '{self.sample_ids[row]}' are not finite as {stored.dtype} "
                f'(largest {np.abs(values[first]).max():.4g}): repair it, or store float32.'
            )
        for array, new in ((self.array, stored), (self._finished, True)):
            array[index] = new
            array.flush()


@contextmanager
def resume_store(
    folder: Path, kind: Kind, header: Header, finished_dims: int
) -> Iterator[ResumableWriter]:
    """Begins a store of one array, or continues where a killed process stopped.

    It gets its name when the ``with`` statement ends without an error; one that has it is opened
    with everything finished. ``finished_dims`` leading dimensions are filled one by one: rows, or
    rows and views.

    Raises:
        DataError: If it was begun from something else, the disk lacks the space, or another process
            is writing it.
    """
    ((name, spec),) = header.arrays.items()
    marks, partial = ArraySpec(spec.shape[:finished_dims], 'bool'), Path(f'{folder}.partial')
    with _locked(Path(f'{folder}.lock'), kind, timeout=0):
        complete = os.path.lexists(folder)
        if not complete and not (partial / HEADER).exists():
            _remove(partial)
            _reserve(partial, {f'{name}.npy': spec, FINISHED: marks})
            header.write(partial / HEADER)  # last: where it is, the arrays are
        place = folder if complete else partial
        found = Header.read(place / HEADER, kind)
        check_expected(place, found.made_from, header.made_from, kind.advice)
        check_expected(place, found._asdict(), header._asdict(), kind.advice)
        array = map_array(place / f'{name}.npy', spec, kind.advice, 'r' if complete else 'r+')
        finished = np.ones(marks.shape, bool)
        if not complete:
            finished = map_array(place / FINISHED, marks, kind.advice, 'r+')
        yield ResumableWriter(header, array, finished)
        if (left := np.count_nonzero(~finished)) > 0:
            raise DataError(f"'{partial}' lacks {left} of {finished.size}: run this once more.")
        if not complete:
            _publish(partial, folder)
            (folder / FINISHED).unlink()


def _reserve(folder: Path, arrays: dict[str, ArraySpec]) -> None:
    needed = sum(math.prod(s.shape) * np.dtype(s.dtype).itemsize for s in arrays.values())
    if needed > (free := shutil.disk_usage(folder.parent).free):
        raise DataError(
            f"'{folder}' needs {needed / 1e9:.2f} GB and its disk has {free / 1e9:.2f} GB free: "
            f'name a folder on another disk, or store less.'
        )
    folder.mkdir()
    for name, spec in arrays.items():
        np.lib.format.open_memmap(folder / name, 'w+', np.dtype(spec.dtype), spec.shape)
        if hasattr(os, 'posix_fallocate'):
            # Else, on a full disk, a write into a hole would end the process by SIGBUS.
            with open(folder / name, 'r+b') as file:
                os.posix_fallocate(file.fileno(), 0, os.fstat(file.fileno()).st_size)


def save_array(folder: Path, name: str, array: np.ndarray) -> ArraySpec:
    """Writes a small array of a store that is being built; a change of it will be noticed."""
    array = np.ascontiguousarray(array)
    np.save(folder / f'{name}.npy', array)
    return ArraySpec(array.shape, str(array.dtype), zlib.crc32(array.data))


def _locked(file: Path, kind: Kind, timeout: float = -1) -> AbstractContextManager:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return FileLock(file).acquire(timeout=timeout)
    except (OSError, NotImplementedError) as error:
        if isinstance(error, Timeout):
            raise DataError(f"another process holds '{file}': wait until it is done.") from error
        raise DataError(f"'{file.parent}' cannot be written ({error}). {kind.advice}") from error


def _publish(partial: Path, folder: Path) -> None:
    for path in (*partial.iterdir(), partial):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    _remove(folder)
    os.rename(partial, folder)


def _remove(path: Path) -> None:
    if path.is_symlink():
        path.unlink()  # never what it points to
    else:
        shutil.rmtree(path, ignore_errors=True)
