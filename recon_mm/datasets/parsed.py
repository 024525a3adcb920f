"""Text files, pickles and HDF5, parsed once: clouds of different sizes in one store."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dist import is_main_process
from mmengine.logging import print_log
from rich.progress import track

from .checks import missing_files
from .errors import DataError, raise_all
from .fingerprint import fingerprint
from .storage import PARSED, ArraySpec, ArrayStore, open_or_build, save_array

FOLDER = '.recon_cache'

Reader = Callable[[Path], Iterable[tuple[np.ndarray, int]]]


class ParsedClouds:
    """Clouds one after another in an array ``(rows, columns)``.

    Attributes:
        categories: int64 ``(clouds,)``.

    Raises:
        DataError: If the arrays do not belong together.
    """

    def __init__(self, store: ArrayStore) -> None:
        self.store = store
        self.offsets, self.categories = np.array(store['offsets']), np.array(store['categories'])
        sizes, ends = np.diff(self.offsets), [0, store.header.arrays['values'].shape[0]]
        ordered = len(sizes) == len(self.categories) and (sizes >= 0).all()
        ordered &= self.offsets.dtype == self.categories.dtype == np.int64
        if not ordered or [*self.offsets[:1], *self.offsets[-1:]] != ends:
            raise DataError(f"'{store.path}' has offsets of other clouds. {store.kind.advice}")

    def __len__(self) -> int:
        return len(self.categories)

    def __getitem__(self, index: int) -> np.ndarray:
        """Cloud ``index``, float32 ``(N, columns)``, read-only."""
        return self.store.read('values', slice(self.offsets[index], self.offsets[index + 1]))


def open_parsed(
    root: Path,
    name: str,
    files: Sequence[Path],
    read: Reader,
    settings: Sequence[Any] = (),
    cache_dir: str | None = None,
) -> ParsedClouds:
    """Opens the parsed form of some files, and makes it first where there is none that fits.

    Args:
        root: The folder of the data set.
        name: The name of the store; outdated ones of this name are removed.
        files: The source files; their names, sizes and times of change are compared.
        read: Reads the clouds of one file in order, ``(N_i, columns)``, each with its category.
        settings: What else the content depends on.
        cache_dir: Where to keep it; default ``.recon_cache`` in the data set's folder.

    Raises:
        DataError: If it cannot be kept there, or source files are bad; all of them are named.
    """
    parent = Path(cache_dir) if cache_dir else root / FOLDER

    def build(folder: Path) -> dict[str, ArraySpec]:
        print_log(f'parsing {len(files)} file(s) of {name}, once, into {parent}', 'current')
        return _parse(folder, track(files, name, disable=not is_main_process()), read)

    sources, missing = fingerprint(files)
    if missing:
        raise missing_files(missing, len(files), f"the lists in '{root}' name")
    made_from = {'files': sources, 'settings': settings}
    store = open_or_build(parent, name, PARSED, made_from, build, check=ParsedClouds)
    return ParsedClouds(store)


def _parse(folder: Path, files: Iterable[Path], read: Reader) -> dict[str, ArraySpec]:
    offsets, categories, problems, columns = [0], [], [], 0
    with open(folder / 'values.npy', 'wb') as out:
        np.save(out, np.empty((0, 0), np.float32))  # keeps the place of the header
        for file in files:
            try:
                for cloud, category in read(file):
                    cloud = np.ascontiguousarray(cloud, dtype=np.float32)
                    columns = cloud.shape[1]
                    categories.append(category)
                    offsets.append(offsets[-1] + len(cloud))
                    cloud.tofile(out)
            except DataError as error:
                problems.append(str(error))
        raise_all(problems)
        shape = (offsets[-1], columns)
        out.seek(0)
        header = {'descr': '<f4', 'fortran_order': False, 'shape': shape}
        np.lib.format.write_array_header_1_0(out, header)
    return {
        'values': ArraySpec(shape, 'float32'),
        'offsets': save_array(folder, 'offsets', np.array(offsets, dtype=np.int64)),
        'categories': save_array(folder, 'categories', np.array(categories, dtype=np.int64)),
    }
