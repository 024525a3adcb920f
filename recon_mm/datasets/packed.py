"""All clouds of a data set in one memory-mapped file: what training reads fastest.

Two files side by side: ``<name>.npy``, float32 ``(clouds, points, 3)``, an array that numpy reads;
and ``<name>.json``, which says whose clouds they are. Pages are shared by all processes of a
machine. :mod:`recon_mm.datasets.packed_writer` writes both.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .errors import DataError

FORMAT = 1
TOOL = 'python tools/dataset_converters/pack_shapenet55.py DATA_ROOT'


class PackedClouds:
    """Reads clouds by their row, without a copy, or by many rows at once.

    Args:
        path: The ``.npy`` file.

    Attributes:
        sample_ids: Whose cloud each row is.
        shape: ``(clouds, points, 3)``.

    Raises:
        DataError: If a file is missing, cut off, of another version, or they do not belong
            together.

    Example:
        >>> clouds = PackedClouds('data/ShapeNet55-34/shapenet_pc.npy')
        >>> clouds[clouds.rows(['02691156-10155655850468db78d106ce0a280f87'])[0]].shape
        (8192, 3)
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        meta = read_meta(meta_path(self.path))
        self.sample_ids: list[str] = meta['sample_ids']
        self.shape = _open(self.path).shape
        expected = (len(self.sample_ids), meta['num_points'], 3)
        if self.shape != expected:
            raise DataError(
                f"'{self.path}' holds an array of shape {self.shape}, but "
                f"'{meta_path(self.path)}' beside it says {expected}: they are not of one run. "
                f'Delete both and pack again: {TOOL}'
            )
        self._values: np.ndarray | None = None

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, row: int) -> np.ndarray:
        """The cloud of a row, float32 ``(points, 3)``: a read-only view of the file."""
        return self.values[row]

    @property
    def values(self) -> np.ndarray:
        """All clouds, ``(clouds, points, 3)``, read-only; opened by each process at first use."""
        if self._values is None:
            self._values = _open(self.path)
        return self._values

    def rows(self, sample_ids: Sequence[str]) -> np.ndarray:
        """The rows of samples, int64.

        Raises:
            DataError: If some are not in the file.
        """
        row_of = {sample_id: row for row, sample_id in enumerate(self.sample_ids)}
        missing = [sample_id for sample_id in sample_ids if sample_id not in row_of]
        if missing:
            raise DataError(
                f"'{self.path}' lacks {len(missing)} of {len(sample_ids)} shapes that the lists "
                f"name (first: '{missing[0]}'; it holds {len(self)}, e.g. "
                f"'{self.sample_ids[0]}'). Delete it and pack the lists that are trained on: {TOOL}"
            )
        return np.array([row_of[sample_id] for sample_id in sample_ids], dtype=np.int64)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, '_values': None}  # a pickled map would become a copy


def meta_path(path: Path) -> Path:
    """The file beside a packed one that says what is in it."""
    return path.with_suffix('.json')


def read_meta(path: Path) -> dict:
    """Reads the description of a packed file.

    Raises:
        DataError: If it is missing, damaged, or of another version.
    """
    if not path.is_file():
        raise DataError(f"no file '{path}' (whose clouds the packed file holds). Pack them: {TOOL}")
    try:
        meta = json.loads(path.read_text())
        found = meta['format']
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"'{path}' is no description of packed clouds ({type(error).__name__}: {error}). "
            f'Delete it and the .npy file beside it, and pack again: {TOOL}'
        ) from error
    if found != FORMAT:
        raise DataError(
            f"'{path}' is of format {found}, this version reads format {FORMAT}. Delete it and the "
            f'.npy file beside it, and pack again: {TOOL}'
        )
    return meta


def _open(path: Path) -> np.ndarray:
    if not path.is_file():
        raise DataError(f"no file '{path}' (packed clouds). Pack them: {TOOL}")
    try:
        values = np.asarray(np.load(path, mmap_mode='r'))
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"'{path}' cannot be mapped ({path.stat().st_size} bytes; {error}), expected a whole "
            f'.npy file. It was probably cut off when copied: copy it again, or pack again: {TOOL}'
        ) from error
    if values.dtype != np.float32 or values.ndim != 3:
        raise DataError(
            f"'{path}' holds {values.dtype} {values.shape}, expected float32 (clouds, points, 3). "
            f'Pack again: {TOOL}'
        )
    return values
