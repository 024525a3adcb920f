"""Processes that load data end with the run, without being killed."""

from multiprocessing import active_children
from multiprocessing.process import BaseProcess

import pytest
from mmengine.config import Config
from mmengine.hooks import Hook

from recon_mm.engine import QuietRunner


class Watch(Hook):
    """Notes the processes of a run, and fails at its end if asked."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.seen: set[BaseProcess] = set()

    def _after_iter(self, runner, batch_idx, data_batch=None, outputs=None, mode='train') -> None:
        self.seen |= set(active_children())

    def after_train_epoch(self, runner) -> None:
        if self.fails:
            raise RuntimeError('a disk is full')


def with_workers(cfg: Config) -> Config:
    for split in ('train', 'val', 'test'):
        cfg[f'{split}_dataloader'].update(num_workers=1, persistent_workers=True)
    return cfg


def watched(cfg: Config, fails: bool = False) -> tuple[QuietRunner, Watch]:
    before = set(active_children())
    assert not before, 'processes of another test'
    runner, watch = QuietRunner.from_cfg(with_workers(cfg)), Watch(fails)
    runner.register_hook(watch)
    return runner, watch


def assert_ended(watch: Watch, count: int) -> None:
    assert not active_children()
    assert [process.exitcode for process in watch.seen] == [0] * count


def test_after_training_and_testing(tiny_config) -> None:
    runner, watch = watched(tiny_config('classification_modelnet40_1k_full'))
    runner.train()
    assert_ended(watch, 2)  # of training and of validation
    runner.test()
    assert_ended(watch, 3)
    runner.val()
    assert_ended(watch, 4)


def test_after_an_error(tiny_config) -> None:
    runner, watch = watched(tiny_config('classification_modelnet40_1k_full'), fails=True)
    with pytest.raises(RuntimeError, match='a disk is full'):
        runner.train()
    assert_ended(watch, 1)
