"""Writes what :mod:`recon_mm.models.teachers.cache` reads."""

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .cache import (
    FEATURES,
    FINISHED,
    FORMAT,
    META,
    canonical,
    check_expected,
    check_sizes,
    read_meta,
)

DTYPES = ('float16', 'float32')


def bytes_needed(num_samples: int, num_views: int, feature_dims: int, dtype: str) -> int:
    """Bytes of disk that a cache of this size takes (the two arrays)."""
    return num_samples * num_views * (feature_dims * np.dtype(dtype).itemsize + 1)


class TeacherFeatureWriter:
    """Creates a cache, or continues one that was interrupted.

    A row counts as finished only after its features are on their way to the disk; a process killed
    at any moment leaves a cache that the same call continues.

    Args:
        path: The cache folder; created if missing.
        meta: ``teacher``, ``augmentation``, ``sample_ids``, ``num_views``, ``feature_dims``,
            ``dtype``, ``seed``: what the cache is made from.

    Attributes:
        finished: bool ``(num_samples, K)``, a copy: what was there at the start.
        resumed: Whether an earlier run's cache is continued.

    Raises:
        ValueError: If the folder holds a cache made from something else, or two samples share
            an id.
        OSError: If the disk lacks the space.
    """

    def __init__(self, path: str | os.PathLike, meta: dict) -> None:
        self.path = Path(path)
        self.meta = json.loads(canonical({'format': FORMAT, **meta}))  # as it will be read back
        if self.meta['dtype'] not in DTYPES:
            raise ValueError(f"dtype is '{self.meta['dtype']}', expected one of {DTYPES}")
        sample_ids: Sequence[str] = self.meta['sample_ids']
        if len(set(sample_ids)) < len(sample_ids):
            twice = next(s for s in sample_ids if sample_ids.count(s) > 1)
            raise ValueError(f"sample id '{twice}' occurs more than once in the data set")
        self.resumed = (self.path / META).exists()
        if self.resumed:
            stored = read_meta(self.path)
            check_expected(self.path, stored, self.meta)
            check_sizes(self.path, stored)
        else:
            self._create()
        self._features = np.load(self.path / FEATURES, mmap_mode='r+')
        self._finished = np.load(self.path / FINISHED, mmap_mode='r+')
        self.finished = np.array(self._finished)

    def _create(self) -> None:
        shape = (len(self.meta['sample_ids']), self.meta['num_views'])
        check_space(self.path, bytes_needed(*shape, self.meta['feature_dims'], self.meta['dtype']))
        self.path.mkdir(parents=True, exist_ok=True)
        _reserve(self.path / FEATURES, (*shape, self.meta['feature_dims']), self.meta['dtype'])
        _reserve(self.path / FINISHED, shape, 'bool')
        # Last and at once: a folder with a JSON file always has its arrays.
        half_written = self.path / f'{META}.tmp'
        half_written.write_text(json.dumps(self.meta, indent=1))
        half_written.replace(self.path / META)

    def write(self, rows: np.ndarray, views: np.ndarray, features: np.ndarray) -> None:
        """Stores features, then marks them finished.

        Args:
            rows: int ``(B,)``, positions in ``sample_ids``.
            views: int ``(B,)``.
            features: float ``(B, D)``.

        Raises:
            ValueError: If a feature is not a finite number, or float16 can't hold it.
        """
        with np.errstate(over='ignore'):  # overflow is reported below, with the sample's name
            stored = features.astype(self.meta['dtype'])
        bad = ~np.isfinite(stored).all(axis=1)
        if bad.any():
            first = int(bad.argmax())
            raise ValueError(
                f"the feature of sample '{self.meta['sample_ids'][rows[first]]}' is not finite as "
                f'{self.meta["dtype"]} (largest value {np.abs(features[first]).max():.4g}); '
                'try --dtype float32, and check the weights of the teacher and the image'
            )
        self._features[rows, views] = stored
        self._features.flush()  # type: ignore[attr-defined]  # a memmap
        self._finished[rows, views] = True
        self._finished.flush()  # type: ignore[attr-defined]


def check_space(path: Path, needed: int) -> None:
    """Checks the free space of the disk that ``path`` will lie on.

    Raises:
        OSError: If ``needed`` bytes do not fit.
    """
    existing = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    if needed > free:
        raise OSError(
            f'{path} needs {needed / 1e9:.2f} GB and its disk has {free / 1e9:.2f} GB free; '
            'choose another --out, fewer --views or --dtype float16'
        )


def _reserve(file: Path, shape: tuple[int, ...], dtype: str) -> None:
    """Creates a zeroed .npy file and claims its disk blocks.

    A write into a hole of a sparse file on a full disk would end the process by SIGBUS, without
    a word; claiming the blocks now fails with an error instead.
    """
    np.lib.format.open_memmap(file, mode='w+', dtype=np.dtype(dtype), shape=shape)
    if hasattr(os, 'posix_fallocate'):
        with file.open('r+b') as handle:
            os.posix_fallocate(handle.fileno(), 0, file.stat().st_size)
