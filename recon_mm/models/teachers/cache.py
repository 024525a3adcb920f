"""Image features computed once: one memory-mapped array, and beside it what it was made from.

The image teacher is the dearest part of a training step (ViT-B/16: about 17.6 of 23 GMACs a
cloud), and its output depends only on the image and its augmentation.
``tools/cache_teacher_features.py`` stores the features of K augmented views of every sample;
training then reads one view at random.

Layout of a cache folder:

- ``features.npy``: ``(num_samples, K, D)``, float16 or float32.
- ``finished.npy``: bool ``(num_samples, K)``, True where the row of ``features.npy`` is written.
- ``cache.json``: teacher, augmentation, seed, sample ids; written last when a cache is created.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np

FEATURES, FINISHED, META = 'features.npy', 'finished.npy', 'cache.json'
FORMAT = 1


def canonical(value: Any) -> str:
    """A text that is equal for equal configurations, whatever their order of keys."""
    return json.dumps(value, sort_keys=True, default=str)


class TeacherFeatureCache:
    """Reads stored teacher features by sample and view.

    The arrays are memory-mapped at the first read, so that every worker process opens its own map
    and they share the system's page cache.

    Args:
        path: The folder that ``tools/cache_teacher_features.py`` wrote.
        expect: What the reader relies on, e.g.
            ``dict(teacher=dict(model_name='ViT-B-32-quickgelu'), feature_dims=512)``. Keys left
            out are not compared; a nested dict is compared by its own keys.

    Attributes:
        meta: The content of ``cache.json``.
        num_views: Views stored of each sample.
        feature_dims: Width of a feature.
        sample_ids: The stored samples, in the order of the rows.

    Raises:
        FileNotFoundError: If there is no cache at ``path``.
        ValueError: If the cache is incomplete, its files do not fit each other, or it was made
            with another teacher, augmentation or feature size than ``expect`` says.

    Example:
        >>> cache = TeacherFeatureCache('data/teacher_cache/vit_b16')
        >>> feature = cache.read('02691156-1a04e3eab45ca15dd86060f189eb133', view=3)  # (D,)
    """

    def __init__(self, path: str | os.PathLike, expect: dict | None = None) -> None:
        self.path = Path(path)
        self.meta = read_meta(self.path)
        self.num_views: int = self.meta['num_views']
        self.feature_dims: int = self.meta['feature_dims']
        self.sample_ids: list[str] = self.meta['sample_ids']
        self._rows = {sample_id: row for row, sample_id in enumerate(self.sample_ids)}
        self._features: np.ndarray | None = None
        check_sizes(self.path, self.meta)
        if expect:
            check_expected(self.path, self.meta, expect)
        finished = np.load(self.path / FINISHED, mmap_mode='r')
        left = finished.size - int(np.count_nonzero(finished))
        if left:
            raise ValueError(
                f'{self.path}: {left} of {finished.size} features are not computed yet; run the '
                'same tools/cache_teacher_features.py command again, it continues where it stopped'
            )

    def __len__(self) -> int:
        return len(self.sample_ids)

    def __contains__(self, sample_id: str) -> bool:
        return sample_id in self._rows

    def __getstate__(self) -> dict:
        return {**self.__dict__, '_features': None}  # a map would be pickled as a whole array

    def read(self, sample_id: str, view: int) -> np.ndarray:
        """One feature, in the stored precision.

        Args:
            sample_id: The sample, as the data set names it.
            view: Which of its augmented views, ``0 <= view < num_views``.

        Returns:
            ``(D,)``, float16 or float32, a copy.

        Raises:
            KeyError: If the sample is not in the cache.
            IndexError: If there is no such view.
        """
        row = self._rows.get(sample_id)
        if row is None:
            raise KeyError(
                f"{self.path} has no features of sample '{sample_id}' (it has {len(self)} samples, "
                f"e.g. '{self.sample_ids[0]}'); compute the cache from the data set that is "
                'trained on'
            )
        if not 0 <= view < self.num_views:
            raise IndexError(
                f'{self.path}: view {view} asked for, views 0 to {self.num_views - 1} are stored'
            )
        if self._features is None:
            self._features = np.asarray(np.load(self.path / FEATURES, mmap_mode='r'))
        return np.array(self._features[row, view])


def read_meta(path: Path) -> dict:
    """Reads ``cache.json``.

    Raises:
        FileNotFoundError: If it is missing.
        ValueError: If it is not such a file, or of another version.
    """
    file = path / META
    if not file.is_file():
        raise FileNotFoundError(
            f'{file} is missing: no teacher features here; make them with '
            'tools/cache_teacher_features.py CONFIG --views K --out DIR'
        )
    try:
        meta = json.loads(file.read_text())
    except json.JSONDecodeError as error:
        raise ValueError(
            f'{file} is damaged ({error}); delete {path} and compute it again'
        ) from error
    if meta.get('format') != FORMAT:
        raise ValueError(
            f'{file}: format {meta.get("format")}, this version reads format {FORMAT}; '
            'compute the cache again'
        )
    return meta


def check_expected(path: Path, meta: dict, expect: dict, prefix: str = '') -> None:
    """Refuses a cache that was made from something else than expected.

    Raises:
        ValueError: Names the first difference and both values.
    """
    for key, wanted in expect.items():
        found = meta.get(key)
        if isinstance(wanted, dict) and isinstance(found, dict):
            check_expected(path, found, wanted, f'{prefix}{key}.')
        elif canonical(found) != canonical(wanted):
            raise ValueError(
                f'{path} holds features made with another {prefix}{key}:\n'
                f'  found    {_shorten(canonical(found))}\n'
                f'  expected {_shorten(canonical(wanted))}\n'
                'Use the cache that fits the config, or compute one into another folder.'
            )


def check_sizes(path: Path, meta: dict) -> None:
    """Checks that both arrays exist, whole, with the shapes that ``cache.json`` says.

    Raises:
        ValueError: Names the file, what was found and what was expected.
    """
    rows = (len(meta['sample_ids']), meta['num_views'])
    wanted = {FEATURES: ((*rows, meta['feature_dims']), meta['dtype']), FINISHED: (rows, 'bool')}
    for name, (shape, dtype) in wanted.items():
        try:
            array = np.load(path / name, mmap_mode='r')
        except (OSError, ValueError) as error:
            raise ValueError(
                f'{path / name} is missing or cut off ({error}); delete {path} and compute it again'
            ) from error
        if array.shape != shape or array.dtype != np.dtype(dtype):
            raise ValueError(
                f'{path / name} holds {array.dtype} {array.shape}, {META} beside it says '
                f'{dtype} {shape}; delete {path} and compute it again'
            )


def _shorten(text: str, limit: int = 600) -> str:
    return text if len(text) <= limit else f'{text[:limit]}... ({len(text)} characters)'
