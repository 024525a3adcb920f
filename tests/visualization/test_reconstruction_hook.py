"""Pictures of reconstructions during pretraining."""

from pathlib import Path
from typing import Any

import pytest
from mmengine.runner import Runner

from recon_mm.registry import VISUALIZERS
from recon_mm.visualization import PointCloudVisualizer
from tests.pretraining import make_shapenet55, tiny_config


@VISUALIZERS.register_module()
class KeepsRows(PointCloudVisualizer):
    """Keeps what it is given, too."""

    def add_clouds(self, name, rows, step=0) -> None:
        self.kept = [*getattr(self, 'kept', []), rows]
        super().add_clouds(name, rows, step)


def train(
    folder: Path, *hooks: dict, visualizer: str = 'KeepsRows', backends: tuple[dict, ...] = ()
) -> tuple[list[float], Any]:
    """Trains for two epochs of random masks; returns the losses and what was drawn."""
    cfg = tiny_config(folder.parent / 'data', batch_size=8, max_epochs=2)
    cfg.model.masking.type = 'RandomMasking'
    cfg.model.data_preprocessor.test_transforms = [dict(type='BatchNormalize')]
    losses = folder / 'losses'
    folder.mkdir()
    cfg.custom_hooks = [*hooks, dict(type='RecordLosses', path=str(losses))]
    cfg.visualizer = dict(type=visualizer, vis_backends=[dict(type='LocalVisBackend'), *backends])
    cfg.work_dir, cfg.experiment_name = str(folder), f'{folder.parent.name}_{folder.name}'
    runner = Runner.from_cfg(cfg)
    runner.train()
    losses = [float(line) for line in losses.read_text().split()]
    return losses, getattr(runner.visualizer, 'kept', None)


def test_pictures_of_the_same_clouds_and_the_same_training(tmp_path: Path) -> None:
    make_shapenet55(tmp_path / 'data')
    hook = dict(type='ReconstructionPicturesHook', interval=1, num=2)
    losses, (first, second) = train(tmp_path / 'with', hook)
    assert len(losses) == 6 and losses == train(tmp_path / 'without')[0]
    pictures = sorted(path.name for path in (tmp_path / 'with').rglob('reconstruction_*.png'))
    assert pictures == ['reconstruction_1.png', 'reconstruction_2.png']
    assert len(first) == len(second) == 2
    for before, after in zip(first, second):
        same = [bool((x.points == y.points).all()) for x, y in zip(before, after)]
        assert same == [True, True, False, False]  # input and masks; predictions


def test_a_visualizer_that_draws_no_clouds(tmp_path: Path) -> None:
    make_shapenet55(tmp_path / 'data')
    with pytest.raises(TypeError, match=r"set visualizer\.type='PointCloudVisualizer'"):
        train(tmp_path / 'a', dict(type='ReconstructionPicturesHook'), visualizer='Visualizer')


def test_tensorboard_gets_them(tmp_path: Path) -> None:
    accumulator = pytest.importorskip(
        'tensorboard.backend.event_processing.event_accumulator', reason='needs tensorboard'
    )
    make_shapenet55(tmp_path / 'data')
    hook = dict(type='ReconstructionPicturesHook', interval=1, num=2)
    train(tmp_path / 'a', hook, backends=(dict(type='TensorboardVisBackend'),))
    (events,) = tmp_path.rglob('events.out.tfevents.*')
    read = accumulator.EventAccumulator(str(events)).Reload()
    assert [image.step for image in read.Images('reconstruction')] == [1, 2]


def test_wandb_gets_them_without_a_network(tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip('wandb', reason="needs wandb, of the extra 'dev'")
    monkeypatch.setenv('WANDB_SILENT', 'true')
    make_shapenet55(tmp_path / 'data')
    hook = dict(type='ReconstructionPicturesHook', interval=1, num=2)
    wandb = dict(type='WandbVisBackend', init_kwargs=dict(mode='offline'))
    train(tmp_path / 'a', hook, backends=(wandb,))
    pictures = list(tmp_path.rglob('wandb/offline-run-*/files/media/images/reconstruction_*.png'))
    assert len(pictures) == 2
    assert list(tmp_path.rglob('wandb/offline-run-*/run-*.wandb'))
