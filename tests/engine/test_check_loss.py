"""Nothing is trained on a loss that is not finite, and no checkpoint is lost to it."""

from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner

from recon_mm.registry import HOOKS
from recon_mm.utils.safe_checkpoint import load_from_file
from tests.pretraining import make_shapenet55, tiny_config


@HOOKS.register_module()
class SpoilBatch(Hook):
    """Makes the loss of some iterations infinite, by a huge category that the teacher reads."""

    def __init__(self, iterations: list[int]) -> None:
        self.iterations = iterations

    def before_train_iter(self, runner, batch_idx, data_batch=None) -> None:
        if runner.iter + 1 in self.iterations:
            data_batch['inputs']['points'] = [p * 1e30 for p in data_batch['inputs']['points']]


def run(tmp_path: Path, spoiled: list[int], **optim_wrapper) -> Runner:
    make_shapenet55(tmp_path / 'data')
    cfg = tiny_config(tmp_path / 'data', batch_size=8, max_epochs=2)
    cfg.model.data_preprocessor.train_transforms = []
    cfg.custom_hooks = [dict(type='SpoilBatch', iterations=spoiled)]
    cfg.optim_wrapper.update(optim_wrapper)
    cfg.work_dir, cfg.experiment_name = str(tmp_path / 'work'), tmp_path.name
    cfg.log_level = 'WARNING'
    return Runner.from_cfg(cfg)


def test_the_run_stops_and_says_where(tmp_path: Path) -> None:
    """Three steps per epoch: the fifth is in the second epoch."""
    runner = run(tmp_path, [5])
    with pytest.raises(FloatingPointError, match='not finite at iteration 5') as error:
        runner.train()
    message = str(error.value)
    assert 'loss_reconstruction' in message
    assert 'learning rate' in message
    samples = message.partition('samples ')[2]
    assert len([word for word in samples.split() if word.startswith(('0269', '0300', '0437'))]) == 8
    assert {path.name for path in (tmp_path / 'work').glob('*.pth')} == {'epoch_1.pth'}
    weights = load_from_file(tmp_path / 'work/epoch_1.pth')['state_dict'].values()
    assert all(torch.isfinite(weight).all() for weight in weights if weight.is_floating_point())


@pytest.mark.parametrize('wrapper', ['FiniteOptimWrapper', 'BFloat16OptimWrapper'])
def test_some_steps_may_be_skipped(tmp_path: Path, wrapper: str) -> None:
    runner = run(tmp_path, [2, 3, 4], type=wrapper, max_skipped=2)
    before = {}

    class Watch(Hook):
        def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
            parameters = torch.cat([p.detach().flatten() for p in runner.model.parameters()])
            before[runner.iter + 1] = parameters.clone()

    runner.register_hook(Watch())
    with pytest.raises(FloatingPointError, match='not finite at iteration 4'):
        runner.train()
    assert torch.equal(before[1], before[2])
    assert torch.equal(before[2], before[3])
    assert np.isfinite(before[3].numpy()).all()


def test_weights_that_are_not_finite_are_not_written(tmp_path: Path) -> None:
    runner = run(tmp_path, [])

    class Spoil(Hook):
        priority = 'VERY_HIGH'

        def after_train_epoch(self, runner) -> None:
            if runner.epoch == 1:
                runner.model.backbone.norm.weight.data[0] = float('nan')

    runner.register_hook(Spoil())
    with pytest.raises(FloatingPointError, match=r"'backbone\.norm\.weight' is not finite"):
        runner.train()
    assert {path.name for path in (tmp_path / 'work').glob('*.pth*')} == {'epoch_1.pth'}
    assert (tmp_path / 'work/last_checkpoint').read_text().endswith('epoch_1.pth')
