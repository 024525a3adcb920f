"""What all data sets of point clouds share."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset
from mmengine.logging import MMLogger

from recon_mm.registry import TRANSFORMS

from .checks import check_root
from .errors import DataError
from .parsed import ParsedClouds
from .seeding import sample_randomness


class PointCloudDataset(BaseDataset):
    """A data set of clouds: checks its root, and says which sample is bad.

    A bad file stops the run with a :class:`DataError` that names it. With ``skip_corrupt=True`` it
    is logged as a warning, once per process, and another sample drawn at random takes its place.
    Sets that are parsed as a whole are checked then, before the first step, and stop there.

    A subclass sets ``METAINFO`` and ``LAYOUT`` and implements ``load_data_list``, whose entries
    have ``category`` (int, index into ``metainfo['classes']``), ``sample_id`` (str) and ``split``,
    and ``points_path`` where a sample is a file of its own.

    Args:
        data_root: The folder of the data set.
        split: ``'train'`` or ``'test'`` (subclasses may have more).
        skip_corrupt: Whether a bad sample is replaced by another one. Training only: a result on
            a test set must be of the whole set.
        **kwargs: Those of MMEngine's ``BaseDataset`` (pipeline, indices, test_mode...).

    Raises:
        DataError: If the root or a file that describes the set is missing or wrong.
        ValueError: If the split is unknown, ``indices`` leaves no sample, or ``skip_corrupt`` is
            asked for in test mode.
    """

    SPLITS: tuple[str, ...] = ('train', 'test')
    LAYOUT = ''  # the files below data_root, for messages

    def __init__(
        self, data_root: str, split: str = 'train', skip_corrupt: bool = False, **kwargs: Any
    ) -> None:
        if split not in self.SPLITS:
            raise ValueError(f'{type(self).__name__}: split {split!r}, expected {self.SPLITS}')
        if skip_corrupt and kwargs.get('test_mode'):
            raise ValueError(
                f'{type(self).__name__}: skip_corrupt=True with test_mode=True would report a '
                'result on a set other than the one named; repair the files instead'
            )
        indices = kwargs.get('indices')
        if indices is not None and not (indices if isinstance(indices, int) else len(indices)):
            raise ValueError(
                f'{type(self).__name__}: indices={indices!r} leaves no sample; give a number of '
                'samples (the first ones) or a list of them, or leave it out'
            )
        self.split = split
        self.skip_corrupt = skip_corrupt
        self._warned: set[int] = set()
        kwargs.setdefault('data_prefix', {})
        # BaseDataset would build them from the root registry, which knows this project's
        # transforms only where the default scope is recon_mm.
        kwargs['pipeline'] = [
            TRANSFORMS.build(step) if isinstance(step, dict) else step
            for step in kwargs.get('pipeline', ())
        ]
        super().__init__(data_root=data_root, **kwargs)

    @property
    def root(self) -> Path:
        """The folder of the data set."""
        return Path(str(self.data_root))

    def full_init(self) -> None:
        """Reads the list of samples, after a check of the root."""
        if not self._fully_initialized:
            check_root(self.root, type(self).__name__, self.LAYOUT)
        super().full_init()

    def __getitem__(self, idx: int) -> Any:
        """A sample; with ``EpochSampler`` its draws are its own, whoever reads it and when."""
        with sample_randomness(idx):
            return super().__getitem__(idx)

    def prepare_data(self, idx: int) -> Any:
        """One sample through the pipeline; None, which draws another, if it is to be skipped."""
        try:
            return super().prepare_data(idx)
        except DataError as error:
            if not self.skip_corrupt:
                raise
            if idx not in self._warned:
                self._warned.add(idx)
                MMLogger.get_current_instance().warning('skipped sample %d: %s', idx, error)
            return None

    def get_cat_ids(self, idx: int) -> list[int]:
        """The category of a sample, as ``ClassBalancedDataset`` asks for it."""
        return [int(self.get_data_info(idx)['category'])]


class ArrayDataset(PointCloudDataset):
    """A set whose clouds are in memory or in a memory map, outside the list of samples.

    ``load_data_list`` sets ``clouds``; an entry of the list names its cloud by ``cloud``.
    """

    clouds: Sequence[np.ndarray] | ParsedClouds  # (N, 3) each, or with more columns

    def get_data_info(self, idx: int) -> dict:
        """A sample with its ``points``, float32 ``(N, 3)``, a copy."""
        info = super().get_data_info(idx)
        info['points'] = np.array(self.clouds[info.pop('cloud')][:, :3], dtype=np.float32)
        return info
