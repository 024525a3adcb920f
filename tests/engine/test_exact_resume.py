"""The same seed and config give the same weights, bit for bit on the CPU.

Whatever the number of workers, whether they persist, straight or stopped and resumed.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from torch import Tensor

from recon_mm.datasets.seeding import EpochIndex, draw_for_samples, sample_randomness
from recon_mm.engine import QuietRunner
from recon_mm.registry import HOOKS
from recon_mm.utils.safe_checkpoint import load_from_file

EPOCHS = 3


class Stop(Exception):
    """What a kill is to a run in this process."""


@HOOKS.register_module()
class StopInEpoch(Hook):
    """Stops in the middle of an epoch, counted from 1."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        if runner.epoch + 1 == self.epoch and batch_idx == 1:
            raise Stop


def run(cfg: Config, work_dir: Path, workers: int, **changes: Any) -> dict[str, Tensor]:
    """Trains with so many workers; returns the weights at the end."""
    cfg = cfg.copy()
    for key in ('val_cfg', 'val_dataloader', 'val_evaluator'):
        cfg[key] = None
    cfg.train_cfg = dict(by_epoch=True, max_epochs=EPOCHS)
    cfg.default_hooks.checkpoint.interval = 1
    persistent = changes.pop('persistent', workers > 0)
    cfg.train_dataloader.update(num_workers=workers, persistent_workers=persistent)
    cfg.work_dir = str(work_dir)
    cfg.experiment_name = f'{work_dir.parent.name}-{work_dir.name}-{len(changes)}'
    cfg.merge_from_dict(changes)
    QuietRunner.from_cfg(cfg).train()
    return load_from_file(work_dir / f'epoch_{EPOCHS}.pth')['state_dict']


def assert_same(actual: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    different = [name for name in expected if not torch.equal(actual[name], expected[name])]
    assert actual.keys() == expected.keys()
    assert not different, f'{len(different)} of {len(expected)} tensors differ: {different[:3]}'


@pytest.mark.parametrize(
    'name', ['pretrain_shapenet', 'pretrain_shapenet_cached', 'pretrain_shapenet_packed']
)
def test_workers_and_a_resume_change_nothing(tiny_config, tmp_path: Path, name: str) -> None:
    """With live images, stored features and packed clouds."""
    cfg = tiny_config(name)
    expected = run(cfg, tmp_path / 'straight', workers=0)
    assert_same(run(cfg, tmp_path / 'two', workers=2), expected)
    assert_same(run(cfg, tmp_path / 'one', workers=1, persistent=False), expected)

    stopped = tmp_path / 'stopped'
    with pytest.raises(Stop):
        run(cfg, stopped, workers=2, custom_hooks=[*cfg.custom_hooks, stop_in(3)])
    assert {path.name for path in stopped.glob('*.pth')} == {'epoch_1.pth', 'epoch_2.pth'}
    resumed = run(cfg, stopped, workers=1, resume=True, load_from=str(stopped / 'epoch_2.pth'))
    assert_same(resumed, expected)


def stop_in(epoch: int) -> dict[str, Any]:
    return dict(type='StopInEpoch', epoch=epoch)


def test_another_seed_is_another_run(tiny_config, tmp_path: Path) -> None:
    cfg = tiny_config('pretrain_shapenet_packed')
    first = run(cfg, tmp_path / 'first', workers=0)
    second = run(cfg, tmp_path / 'second', workers=0, randomness=dict(seed=1))
    assert not torch.equal(first['backbone.cls_token'], second['backbone.cls_token'])


def test_draws_of_a_sample_are_its_own() -> None:
    def draws(index: int) -> tuple[float, float, float]:
        with sample_randomness(index):
            return np.random.rand(), torch.rand(()).item(), np.random.rand()  # noqa: NPY002

    first = draws(EpochIndex(3, seed=0, epoch=1))
    before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    assert draws(EpochIndex(3, seed=0, epoch=1)) == first
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    others = [EpochIndex(4, 0, 1), EpochIndex(3, 0, 2), EpochIndex(3, 1, 1)]
    assert len({first, *map(draws, others)}) == 4


def test_draws_of_a_batch() -> None:
    """Those of each sample do not depend on its batch; all values come up about as often."""
    indices = [EpochIndex(i, seed=5, epoch=2) for i in range(4000)]
    drawn = draw_for_samples(indices, 8)
    assert np.array_equal(draw_for_samples(indices[7:9], 8), drawn[7:9])
    assert np.abs(np.bincount(drawn, minlength=8) / 4000 - 1 / 8).max() < 0.02
    later = draw_for_samples([EpochIndex(i, seed=5, epoch=3) for i in range(4000)], 8)
    assert 0.05 < (later == drawn).mean() < 0.25
    plain = draw_for_samples(list(range(50)), 8)
    assert plain.shape == (50,)
    assert set(plain) <= set(range(8))
