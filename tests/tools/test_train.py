"""What the training tool offers, run as a user runs it."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import torch

from tests.pretraining import make_shapenet55, tiny_config, train, weights
from tests.tiny import ROOT
from tests.tools.commands import run_tool


@pytest.fixture(scope='module')
def data_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp('data') / 'shapenet55'
    make_shapenet55(root)
    return root


def steps(work_dir: Path) -> list[dict]:
    """The training records of a run's log."""
    (log,) = work_dir.glob('*/vis_data/scalars.json')
    records = [json.loads(line) for line in log.read_text().splitlines()]
    return [record for record in records if 'loss' in record]


def test_options_together(data_root: Path, tmp_path: Path) -> None:
    """Mixed precision, averaged weights, accumulated gradients, TensorBoard, an override."""
    cfg = tiny_config(data_root, batch_size=8, max_epochs=2)
    cfg.custom_hooks = [dict(type='EMAHook', momentum=0.5)]
    cfg.optim_wrapper.accumulative_counts = 3
    cfg.visualizer.vis_backends.append(dict(type='TensorboardVisBackend'))
    cfg.default_hooks.logger.interval = 1
    work_dir = tmp_path / 'run'
    train(cfg, work_dir, '--amp', '--cfg-options', 'optim_wrapper.optimizer.lr=0.01')

    records = steps(work_dir)
    assert len(records) == 6
    assert all(torch.isfinite(torch.tensor(record['loss'])) for record in records)
    assert records[-1]['lr'] > 5e-4  # of 0.01, in the second of ten epochs of warm-up
    assert list(work_dir.glob('*/vis_data/events.out.tfevents.*'))

    checkpoint = torch.load(work_dir / 'epoch_2.pth', weights_only=True)
    # Three batches make one step of the optimizer.
    states = checkpoint['optimizer']['state'].values()
    assert {int(state['step']) for state in states} == {2}
    averaged, trained = checkpoint['state_dict'], checkpoint['ema_state_dict']
    name = 'backbone.blocks.0.attn.qkv.weight'
    assert not torch.equal(averaged[name], trained[f'module.{name}'])
    assert all(value.dtype != torch.bfloat16 for value in averaged.values())
    assert not any('teacher' in key for key in averaged)


def test_own_checkpoint_is_loaded(data_root: Path, tmp_path: Path) -> None:
    """With a learning rate of zero the weights stay those that were loaded."""
    cfg = tiny_config(data_root, batch_size=8, max_epochs=1)
    train(cfg, tmp_path / 'first')
    cfg.load_from = str(tmp_path / 'first' / 'epoch_1.pth')
    cfg.randomness.seed = 5
    cfg.optim_wrapper.optimizer.lr = 0.0
    cfg.param_scheduler = []
    train(cfg, tmp_path / 'second')
    first, second = weights(tmp_path / 'first', 1), weights(tmp_path / 'second', 1)
    for name, value in first.items():
        if 'running' not in name and 'num_batches' not in name:
            assert torch.equal(second[name], value), name


def test_a_missing_data_set_is_named(tmp_path: Path) -> None:
    cfg = tiny_config(tmp_path / 'nowhere', batch_size=8, max_epochs=1)
    with pytest.raises(RuntimeError, match=r'(?s)nowhere.*make_demo_data\.py'):
        train(cfg, tmp_path / 'run')


def test_the_demo_shows_few_lines_and_no_warnings_before_the_first_loss(
    demo_data: Path, tmp_path: Path
) -> None:
    """More workers than CPUs, pinned memory, a validation before the first step."""
    options = ['train_cfg.max_epochs=1', 'train_dataloader.batch_size=8']
    options += ['train_dataloader.num_workers=99', 'train_dataloader.dataset.indices=16']
    done = run_tool(
        *('train.py', ROOT / 'configs/recon/pretrain_demo_no_teachers.py'),
        *('--work-dir', tmp_path, '--cfg-options', *options),
        env={**os.environ, 'RECON_DATA': str(demo_data), 'PYTHONPATH': str(ROOT)},
        stderr=subprocess.STDOUT,
        stdout=subprocess.PIPE,
        capture_output=False,
    )
    assert done.returncode == 0, done.stdout
    before, first, _ = done.stdout.partition('  loss: ')
    assert first
    assert len(before.splitlines()) <= 60
    assert 'Epoch(val) [0]' in before
    for cause in ('pin_memory', 'worker', 'FileClient', 'HardDiskBackend', 'ConvergenceWarning'):
        assert cause not in done.stdout


def test_without_validation(data_root: Path, tmp_path: Path) -> None:
    cfg = tiny_config(data_root, batch_size=8, max_epochs=1)
    cfg.val_cfg, cfg.val_evaluator = dict(), dict(type='LinearSVM')
    cfg.val_dataloader = dict(
        batch_size=8,
        num_workers=0,
        dataset=dict(type='ModelNet', data_root=str(tmp_path / 'absent')),
        sampler=dict(type='DefaultSampler', shuffle=False),
        collate_fn=dict(type='default_collate'),
    )
    with pytest.raises(RuntimeError, match=r'(?s)validation set: .*absent.*pass --no-validate'):
        train(cfg, tmp_path / 'run')
    train(cfg, tmp_path / 'run', '--no-validate')
    assert (tmp_path / 'run' / 'epoch_1.pth').is_file()
