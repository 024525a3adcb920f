"""Two processes on gloo train as one process with twice the batch does."""

import json
from pathlib import Path

import pytest
import torch

from tests.pretraining import make_shapenet55, tiny_config, train, weights


@pytest.fixture(scope='module')
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp('distributed')
    make_shapenet55(folder / 'data')
    for name, processes in (('one', 1), ('two', 2)):
        cfg = tiny_config(folder / 'data', batch_size=8 // processes, max_epochs=2)
        # SGD: Adam would amplify the rounding of a vanishing gradient to a full step.
        cfg.optim_wrapper.optimizer = dict(type='SGD', lr=2e-4, weight_decay=0.0)
        cfg.param_scheduler = []
        cfg.custom_hooks = [
            dict(type='EnlargeWeights'),
            dict(type='RecordLosses', path=str(folder / f'{name}.losses')),
        ]
        train(cfg, folder / name, processes=processes)
    return folder


def losses(path: Path) -> torch.Tensor:
    return torch.tensor([json.loads(line) for line in path.read_text().splitlines()])


def test_same_loss_curve(runs: Path) -> None:
    one, two = losses(runs / 'one.losses'), losses(runs / 'two.losses')
    assert len(one) == 6
    assert one[-1] < 0.9 * one[0]
    torch.testing.assert_close(two, one, rtol=1e-4, atol=1e-5)


def test_same_weights_and_batch_statistics(runs: Path) -> None:
    one, two = weights(runs / 'one', 2), weights(runs / 'two', 2)
    assert set(one) == set(two)
    assert any('running_var' in name for name in one)
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=1e-4, atol=5e-5, msg=name)


def test_one_process_writes_checkpoints(runs: Path) -> None:
    assert sorted(path.name for path in (runs / 'two').glob('*.pth')) == [
        'epoch_1.pth',
        'epoch_2.pth',
    ]
    assert len(list((runs / 'two').glob('20*'))) == 1
