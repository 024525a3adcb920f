"""What a checkpoint has put into a run is compared with what was there."""

from pathlib import Path

import pytest
import torch

from recon_mm.engine import QuietRunner
from recon_mm.utils.safe_checkpoint import CheckpointError


@pytest.fixture
def trained(tiny_config, tmp_path: Path):
    """A config, and the checkpoint of its first epoch."""
    cfg = tiny_config('classification_modelnet40_1k_full')
    cfg.train_cfg.max_epochs = 2
    cfg.default_hooks.checkpoint.interval = 1
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    QuietRunner.from_cfg(cfg).train()
    file = Path(cfg.work_dir) / 'epoch_1.pth'
    cfg.resume = True
    cfg.load_from = str(tmp_path / 'changed.pth')
    return cfg, torch.load(file, weights_only=True)


def resume(trained, checkpoint: dict) -> None:
    cfg, _ = trained
    torch.save(checkpoint, cfg.load_from)
    QuietRunner.from_cfg(cfg).train()


def test_what_does_not_fit_a_schedule_is_refused(trained) -> None:
    _, checkpoint = trained
    resume(trained, checkpoint)  # as it is, it continues
    states = checkpoint['param_schedulers']
    begin = r"cannot continue from '.*changed\.pth': "
    for changed, message in (
        ({'last_step': 'first'}, "the schedule WarmUpLR has last_step='first' in the checkpoint"),
        ({'base_values': [float('nan')]}, r'the schedule WarmUpLR has base_values=\[nan\]'),
        ({'optimizer': None}, 'the schedule WarmUpLR has optimizer=None in the checkpoint'),
    ):
        with pytest.raises(CheckpointError, match=begin + message):
            resume(trained, checkpoint | {'param_schedulers': [states[0] | changed, *states[1:]]})
    with pytest.raises(CheckpointError, match=begin):
        resume(trained, checkpoint | {'param_schedulers': 5})
    for absent in ([], states[:1]):
        with pytest.raises(CheckpointError, match='the checkpoint has no state of the schedule'):
            resume(trained, checkpoint | {'param_schedulers': absent})
    del checkpoint['param_schedulers']
    with pytest.raises(CheckpointError, match='has no state of the schedule WarmUpLR, which would'):
        resume(trained, checkpoint)


def test_damage_deep_in_the_optimizer_is_one_error(trained) -> None:
    _, checkpoint = trained
    for changed in ({'state': {0: 3}}, {'param_groups': [{}]}, {'param_groups': [{'params': 'x'}]}):
        with pytest.raises(CheckpointError, match=r"cannot continue from '.*changed\.pth': "):
            resume(trained, checkpoint | {'optimizer': checkpoint['optimizer'] | changed})
