"""The log is MMEngine's, read in bulk."""

import json
from pathlib import Path

import pytest
import torch
from mmengine.runner import Runner

from tests.pretraining import make_shapenet55, tiny_config


def scalars(folder: Path) -> list[dict]:
    (log,) = folder.glob('*/vis_data/scalars.json')
    records = [json.loads(line) for line in log.read_text().splitlines()]
    return [{k: v for k, v in record.items() if 'time' not in k} for record in records]


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """Grows with every read of a tensor from Python."""
    found: list[str] = []

    def counted(method):
        def call(tensor: torch.Tensor):
            found.append(method.__name__)
            return method(tensor)

        return call

    for name in ('item', 'tolist'):
        monkeypatch.setattr(torch.Tensor, name, counted(getattr(torch.Tensor, name)))
    return found


@pytest.mark.parametrize('interval', [2, 50])
def test_same_log(tmp_path: Path, interval: int, reads: list[str]) -> None:
    """Three steps per epoch: the log is due in its middle, and at its end."""
    make_shapenet55(tmp_path / 'data')
    counts = {}
    for name in ('BufferedRuntimeInfoHook', 'RuntimeInfoHook'):
        cfg = tiny_config(tmp_path / 'data', batch_size=8, max_epochs=2)
        cfg.default_hooks.runtime_info.type = name
        cfg.default_hooks.logger.interval = interval
        cfg.work_dir, cfg.experiment_name = str(tmp_path / name), f'{tmp_path.name}_{name}'
        reads.clear()
        Runner.from_cfg(cfg).train()
        counts[name] = len(reads)
    ours, theirs = (scalars(tmp_path / name) for name in counts)
    assert ours == theirs
    assert any('loss_reconstruction' in record for record in ours)
    steps, losses, epochs = 6, 5, 2
    saved = counts['RuntimeInfoHook'] - counts['BufferedRuntimeInfoHook']
    assert saved == steps * losses - epochs * (2 if interval == 2 else 1)
