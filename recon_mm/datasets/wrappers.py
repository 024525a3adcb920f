"""MMEngine's data sets of data sets, whose samples draw what their index says."""

from typing import Any

from mmengine.dataset import dataset_wrapper

from recon_mm.registry import DATASETS

from .seeding import sample_randomness


class _Seeded:
    """The wrapper knows seed and epoch; the set inside gets a plain index."""

    def __getitem__(self, idx: int) -> Any:
        with sample_randomness(idx):
            return super().__getitem__(idx)  # pyright: ignore[reportAttributeAccessIssue]


@DATASETS.register_module()
class ConcatDataset(_Seeded, dataset_wrapper.ConcatDataset):
    """Several sets, one after the other; see :class:`mmengine.dataset.ConcatDataset`."""


@DATASETS.register_module()
class RepeatDataset(_Seeded, dataset_wrapper.RepeatDataset):
    """A set several times per epoch; see :class:`mmengine.dataset.RepeatDataset`."""


@DATASETS.register_module()
class ClassBalancedDataset(_Seeded, dataset_wrapper.ClassBalancedDataset):
    """Rare categories more often; see :class:`mmengine.dataset.ClassBalancedDataset`."""
