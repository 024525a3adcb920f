"""Reads a store: a folder of memory-mapped arrays ``<name>.npy`` with a ``header.json``.

All processes share the pages of a map, so a data set costs its size once, and a run starts at once.
"""

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..checks import LARGEST, in_range
from ..errors import DataError
from .header import FEATURES, HEADER, PACKED, ArraySpec, Header, Kind, check_expected


class ArrayStore:
    """Arrays in files, checked when opened and mapped by each process at its first read."""

    def __init__(self, path: Path, kind: Kind, header: Header, files: dict[str, Path]) -> None:
        self.path, self.kind, self.header, self.files = path, kind, header, files
        self._row_of = {sample_id: row for row, sample_id in enumerate(header.sample_ids)}
        self._maps: dict[str, np.ndarray] = {}
        self._checked: dict[str, np.ndarray] = {}  # rows of each array
        for name, file in files.items():
            spec = header.arrays[name]
            array = map_array(file, spec, kind.advice)
            if spec.crc32 is not None and zlib.crc32(array) != spec.crc32:
                raise DataError(
                    f"'{file}' has checksum {zlib.crc32(array)}, expected {spec.crc32}: it has "
                    f'changed since it was written. {kind.advice}'
                )

    def __getitem__(self, name: str) -> np.ndarray:
        """A whole array, read-only; its values are not checked, see :meth:`read`."""
        array = self._maps.get(name)
        if array is None:
            array = map_array(self.files[name], self.header.arrays[name], self.kind.advice)
            self._maps[name] = array
        return array

    def read(self, name: str, index: Any) -> np.ndarray:
        """``array[index]``: a read-only view for integers and slices, a copy for arrays.

        Whole rows are checked when a process first reads them.

        Raises:
            DataError: If values are NaN, infinite or beyond +-1e15.
        """
        array, is_rows = self[name], not isinstance(index, tuple)
        checked = self._checked.setdefault(name, np.zeros(len(array), bool))
        values, known = array[index], is_rows and checked[index].all()
        if not known and not in_range(values.astype(np.float32, copy=False)):
            raise DataError(
                f"'{self.files[name]}' holds NaN, infinite or too large values at [{index}], "
                f'expected numbers within +-{LARGEST:g}. {self.kind.advice}'
            )
        if is_rows:
            checked[index] = True
        return values

    def row(self, sample_id: str) -> int:
        """The row of a sample; a :class:`DataError` if it is not in the store."""
        row = self._row_of.get(sample_id)
        return int(self.rows([sample_id])[0]) if row is None else row

    def rows(self, sample_ids: Sequence[str]) -> np.ndarray:
        """The rows of samples, int64; a :class:`DataError` if some are not in the store."""
        missing = [sample_id for sample_id in sample_ids if sample_id not in self._row_of]
        if missing:
            raise DataError(
                f"'{self.path}' lacks {len(missing)} of {len(sample_ids)} samples (first: "
                f"'{missing[0]}'; it holds {len(self._row_of)}, e.g. "
                f"'{next(iter(self._row_of), None)}'). {self.kind.advice}"
            )
        return np.array([self._row_of[sample_id] for sample_id in sample_ids], dtype=np.int64)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, '_maps': {}, '_checked': {}}  # a pickled map would become a copy


def open_store(path: str | Path, kind: Kind, expect: dict | None = None) -> ArrayStore:
    """Opens the store in a folder.

    Of the older format are read packed clouds, ``<name>.npy`` with ``<name>.json`` beside it, and
    teacher features, a folder with ``cache.json``.

    Raises:
        DataError: If it is missing, incomplete, damaged, of another kind, or was made from
            something else than ``expect`` says (keys left out are not compared).
    """
    path = Path(path)
    files = {name: path / f'{name}.npy' for name in kind.arrays}
    if kind is PACKED and path.suffix == '.npy':
        header, files = Header.read(path.with_suffix('.json'), kind, _older), {'clouds': path}
    elif kind is FEATURES and (path / 'cache.json').is_file():
        header = Header.read(path / 'cache.json', kind, _older)
        marks = ArraySpec(header.arrays['features'].shape[:2], 'bool')
        if not map_array(path / 'finished.npy', marks, kind.advice).all():
            raise DataError(f"'{path}' is not complete. Delete it. {kind.advice}")
    elif not path.exists():
        if Path(f'{path}.partial').exists():
            raise DataError(f"'{path}.partial' is not complete: run its command again; it goes on.")
        raise DataError(f"there are no {kind.name} in '{path}'. {kind.advice}")
    else:
        header = Header.read(path / HEADER, kind)
    check_expected(path, header.made_from, expect or {}, kind.advice)
    return ArrayStore(path, kind, header, files)


def _older(meta: dict) -> dict:
    ids, is_packed = meta['sample_ids'], 'num_points' in meta
    sizes = (meta['num_points'], 3) if is_packed else (meta['num_views'], meta['feature_dims'])
    spec = {'shape': (len(ids), *sizes), 'dtype': meta.get('dtype', 'float32')}
    arrays = {'clouds' if is_packed else 'features': spec}
    return {'arrays': arrays, 'made_from': meta, 'sample_ids': ids}


def map_array(path: Path, spec: ArraySpec, advice: str, mode: Any = 'r') -> Any:
    """Maps a ``.npy`` file into memory. No byte of it is trusted, and nothing is allocated.

    Raises:
        DataError: If it is missing, damaged, or holds other than ``spec`` says.
    """
    try:
        array = np.lib.format.open_memmap(path, mode)
        found = array.shape, str(array.dtype), array.flags.c_contiguous
        if found != (*spec[:2], True):
            raise ValueError(f'it holds {array.dtype} {array.shape}')
    except Exception as error:  # numpy raises whatever damaged bytes happen to run into
        raise DataError(
            f"'{path}' cannot be mapped ({type(error).__name__}: {error}), expected a complete "
            f'.npy file of {spec.dtype} {spec.shape}. {advice}'
        ) from error
    return np.asarray(array) if mode == 'r' else array
