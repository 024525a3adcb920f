"""Text files and pickles parsed once, then memory-mapped: many clouds in one array.

Worker processes share the pages of the map, so a data set costs its size once, whatever the number
of workers, and a run starts at once instead of parsing for minutes.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dist import is_main_process
from mmengine.logging import MMLogger
from rich.progress import track

from .checks import missing_files
from .errors import DataError

FORMAT = 1  # raise when the layout below or a parser changes
CACHE_FOLDER = '.recon_cache'
DIGITS = 20  # of the fingerprint
LISTED = 50  # bad files named in one error

Reader = Callable[[Path], Iterable[tuple[np.ndarray, int]]]


class ArrayCache:
    """Clouds of different sizes, one after another in a memory-mapped float32 array.

    A folder ``<name>-<fingerprint>`` with ``values.npy`` ``(rows, columns)``, ``offsets.npy``
    ``(clouds + 1,)`` and ``categories.npy`` ``(clouds,)``. The fingerprint in its name is that of
    the source files; when they change, the name does not exist and the cache is made again.

    Args:
        folder: The folder.

    Attributes:
        categories: int64 ``(clouds,)``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.offsets = np.load(folder / 'offsets.npy')
        self.categories = np.load(folder / 'categories.npy')
        self._values: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> np.ndarray:
        """Cloud ``index``, ``(N, columns)``, read-only."""
        values = self._values
        if values is None:  # opened by each process: a pickled map would become a copy
            values = self._values = np.asarray(np.load(self.folder / 'values.npy', mmap_mode='r'))
        return values[self.offsets[index] : self.offsets[index + 1]]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, '_values': None}


def fingerprint(root: Path, files: Sequence[Path], settings: Sequence[Any] = ()) -> str:
    """What a cache depends on: names, sizes and times of change of its sources, and settings.

    Raises:
        DataError: If files do not exist.
    """
    digest = hashlib.sha256(json.dumps([FORMAT, *settings]).encode())
    missing = []
    for file in files:
        try:
            stat = file.stat()
        except FileNotFoundError:
            missing.append(file)
            continue
        name = os.path.relpath(file, root)
        digest.update(f'{name}\0{stat.st_size}\0{stat.st_mtime_ns}\n'.encode())
    if missing:
        raise missing_files(missing, len(files), f"the lists in '{root}' name")
    return digest.hexdigest()[:DIGITS]


def open_cache(
    root: Path,
    name: str,
    files: Sequence[Path],
    read: Reader,
    settings: Sequence[Any] = (),
    cache_dir: str | None = None,
) -> ArrayCache:
    """Opens the cache of some source files, and makes it first where there is none that fits.

    It appears under its name only when whole, by one rename: an interrupted or a concurrent run
    never leaves or meets half a cache.

    Args:
        root: The folder of the data set.
        name: The name of the cache.
        files: The source files.
        read: Reads the clouds of one file in order, ``(N_i, columns)``, each with its category.
        settings: What else the content depends on.
        cache_dir: Where to keep it; default ``.recon_cache`` in the data set's folder.

    Raises:
        DataError: If the folder for it cannot be written, or source files are bad; all of them are
            named at once.
    """
    parent = Path(cache_dir) if cache_dir else root / CACHE_FOLDER
    folder = parent / f'{name}-{fingerprint(root, files, settings)}'
    if not folder.is_dir():
        try:
            parent.mkdir(parents=True, exist_ok=True)
            scratch = Path(tempfile.mkdtemp(prefix=f'.{name}-', dir=parent))
        except OSError as error:
            raise DataError(
                f"the parsed form of the data cannot be kept in '{parent}' ({error}); pass "
                f'cache_dir, a folder that can be written, to the data set'
            ) from error
        try:
            _write(scratch, files, read, name)
            _publish(scratch, folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return ArrayCache(folder)


def _write(folder: Path, files: Sequence[Path], read: Reader, name: str) -> None:
    show = is_main_process()
    if show:
        MMLogger.get_current_instance().info(
            'parsing %d file(s) of %s, once; later runs read the result', len(files), name
        )
    offsets, categories, problems, columns = [0], [], [], 0
    with open(folder / 'rows.bin', 'wb') as rows:
        for file in track(files, name, disable=not show):
            try:
                for cloud, category in read(file):
                    columns = cloud.shape[1]
                    categories.append(category)
                    offsets.append(offsets[-1] + len(cloud))
                    np.ascontiguousarray(cloud, dtype=np.float32).tofile(rows)
            except DataError as error:
                problems.append(str(error))
    if problems:
        left = len(problems) - LISTED
        more = f'\n... and {left} more' if left > 0 else ''
        raise DataError('\n'.join(problems[:LISTED]) + more)
    # .npy wants its shape in front, which is known only now; the copy streams through the map.
    values = np.lib.format.open_memmap(
        folder / 'values.npy', mode='w+', dtype=np.float32, shape=(offsets[-1], columns)
    )
    values[:] = np.memmap(folder / 'rows.bin', dtype=np.float32, mode='r', shape=values.shape)
    values.flush()
    np.save(folder / 'offsets.npy', np.array(offsets, dtype=np.int64))
    np.save(folder / 'categories.npy', np.array(categories, dtype=np.int64))
    (folder / 'rows.bin').unlink()


def _publish(scratch: Path, folder: Path) -> None:
    """Gives a finished cache its name, and removes those of the same name that no longer fit."""
    try:
        os.rename(scratch, folder)
    except OSError:
        if not folder.is_dir():  # else another process was first, with the same content
            raise
    prefix = folder.name.rpartition('-')[0]
    for other in folder.parent.glob(f'{prefix}-' + '[0-9a-f]' * DIGITS):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)  # open maps keep their pages
