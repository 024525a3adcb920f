"""Data sets of data sets: a sample draws the same, whoever reads it and when."""

from pathlib import Path

import numpy as np
import pytest

from recon_mm.datasets.seeding import EpochIndex
from recon_mm.registry import DATASETS
from tests.pretraining import make_shapenet55

WRAPPERS = {
    'ConcatDataset': lambda inner: dict(datasets=[inner, inner]),
    'RepeatDataset': lambda inner: dict(dataset=inner, times=2),
    'ClassBalancedDataset': lambda inner: dict(dataset=inner, oversample_thr=0.9),
}


@pytest.mark.parametrize('name', WRAPPERS)
def test_draws_depend_on_seed_epoch_and_index_alone(tmp_path: Path, name: str) -> None:
    make_shapenet55(tmp_path)
    inner = dict(
        type='ShapeNet55',
        data_root=str(tmp_path),
        ann_files=('train.txt',),
        with_images=False,
        pipeline=[
            dict(type='LoadPoints'),
            dict(type='SamplePoints', num_points=64, shuffle=True),
            dict(type='PackPointInputs'),
        ],
    )
    with DATASETS.switch_scope_and_registry('recon_mm') as registry:
        dataset = registry.build(dict(type=name, **WRAPPERS[name](inner)))

    def points(index: int) -> bytes:
        np.random.seed(index_of_reader.pop())  # noqa: NPY002 - another process is elsewhere
        return dataset[index]['inputs']['points'].numpy().tobytes()

    index_of_reader = list(range(10))
    first = points(EpochIndex(30, seed=0, epoch=1))
    assert points(EpochIndex(30, seed=0, epoch=1)) == first
    others = [EpochIndex(6, 0, 1), EpochIndex(30, 0, 2), EpochIndex(30, 1, 1)]
    assert len({first, *map(points, others)}) == 4
    assert points(30) != points(30)  # as MMEngine draws
