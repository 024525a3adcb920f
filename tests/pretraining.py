"""A pretraining run small enough for a test, without random draws that depend on the process.

Importing this module registers its parts; configs name it in ``custom_imports``.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from mmengine.config import Config
from mmengine.hooks import Hook
from torch import Tensor, nn

from recon_mm.models.layers.masking import RandomMasking
from recon_mm.registry import HOOKS, MODELS

ROOT = Path(__file__).parents[1]
SYNSETS = {'02691156': 'airplane', '03001627': 'chair', '04379243': 'table'}
NUM_POINTS = 128


@MODELS.register_module()
class MaskByHeight(RandomMasking):
    """Masks the lowest patches: a function of the cloud alone."""

    def scores(self, center: Tensor) -> Tensor:
        return center[..., 1]


@MODELS.register_module()
class ShapeTeacher(nn.Module):
    """Stands for a frozen teacher: a fixed function of the cloud and its category."""

    def __init__(self, feature_dims: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.projection = torch.randn(4, feature_dims, generator=generator)

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        extent = inputs['points'].amax(1) - inputs['points'].amin(1)  # (B, 3)
        return torch.cat([extent, inputs['category'][:, None]], 1) @ self.projection


@HOOKS.register_module()
class RecordLosses(Hook):
    """Writes the loss of every step, averaged over the processes, one per line."""

    def __init__(self, path: str) -> None:
        self.path = path

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        loss = outputs['loss'].detach().clone()
        if dist.is_initialized():
            dist.all_reduce(loss)
            loss /= dist.get_world_size()
        if runner.rank == 0:
            with open(self.path, 'a') as file:
                file.write(f'{json.dumps(loss.item())}\n')


@HOOKS.register_module()
class EnlargeWeights(Hook):
    """Makes the untrained network tell its clouds apart.

    As initialized, it hardly does, and the batch normalization of the contrast then divides by
    such small deviations that rounding decides the loss.
    """

    def before_train(self, runner) -> None:
        with torch.no_grad():
            for parameter in runner.model.parameters():
                if parameter.ndim == 2:
                    parameter.mul_(6)


@HOOKS.register_module()
class KillAt(Hook):
    """Ends the process as a power cut would, in the middle of an epoch."""

    def __init__(self, iteration: int) -> None:
        self.iteration = iteration

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None) -> None:
        if runner.iter + 1 == self.iteration:
            os.kill(os.getpid(), signal.SIGKILL)


def make_shapenet55(root: Path, shapes_per_category: int = 8) -> None:
    """A set in the layout of ShapeNet55 with boxes of three proportions, without images."""
    rng = np.random.default_rng(0)
    for folder in ('shapenet_pc', 'ShapeNet-55'):
        (root / folder).mkdir(parents=True)
    names = []
    for index, synset in enumerate(SYNSETS):
        extent = np.array([1, 1 + index, 0.5])
        for shape in range(shapes_per_category):
            names.append(f'{synset}-{shape}.npy')
            cloud = rng.uniform(-1, 1, (NUM_POINTS, 3)) * extent
            np.save(root / 'shapenet_pc' / names[-1], cloud.astype(np.float32))
    (root / 'ShapeNet-55' / 'train.txt').write_text('\n'.join(names))
    records = [{'catalogue': s.lstrip('0'), 'describe': name} for s, name in SYNSETS.items()]
    (root / 'shapenet55.json').write_text(json.dumps(records))


def tiny_config(data_root: Path, batch_size: int, max_epochs: int) -> Config:
    """The paper's pretraining config made tiny, with the single-modal contrast on."""
    cfg = Config.fromfile(ROOT / 'configs/recon/pretrain_shapenet_single_modal.py')
    for key in ('val_cfg', 'val_dataloader', 'val_evaluator'):
        cfg[key] = None
    for key in ('test_cfg', 'test_dataloader', 'test_evaluator'):
        cfg[key] = None
    cfg.custom_imports.imports.append('tests.pretraining')
    cfg.custom_hooks = []
    cfg.default_hooks.checkpoint.interval = 1
    cfg.train_cfg = dict(by_epoch=True, max_epochs=max_epochs)
    model = cfg.model
    model.data_preprocessor.train_transforms = [dict(type='BatchNormalize')]
    size = dict(embed_dims=48, num_heads=2, num_groups=16, group_size=8)
    model.backbone.update(depth=2, drop_path_rate=0.0, **size)
    model.neck.update(depth=1, drop_path_rate=0.0)
    model.masking.type = 'MaskByHeight'
    for modality in model.modalities.values():
        modality.head.feature_dims = 16
        modality.teacher = dict(type='ShapeTeacher', feature_dims=16)
    loader = cfg.train_dataloader
    loader.update(batch_size=batch_size, num_workers=0, persistent_workers=False)
    loader.dataset.update(
        data_root=str(data_root),
        ann_files=('train.txt',),
        with_images=False,
        pipeline=[
            dict(type='LoadPoints', min_points=NUM_POINTS),
            dict(type='PackPointInputs', input_keys=('points', 'category')),
        ],
    )
    return cfg


def train(cfg: Config, work_dir: Path, *arguments: str, processes: int = 1) -> int:
    """Runs ``tools/train.py`` on a config, as a user does.

    Returns:
        The exit code; negative for the signal that ended it.
    """
    work_dir.mkdir(parents=True, exist_ok=True)
    path = work_dir.parent / f'{work_dir.name}.py'
    cfg.dump(path)
    environment = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    if processes > 1:
        environment['PORT'] = str(29500 + os.getpid() % 1000)
        command = ['bash', 'tools/dist_train.sh', str(path), str(processes)]
        environment['PATH'] = f'{Path(sys.executable).parent}:{environment["PATH"]}'
    else:
        command = [sys.executable, 'tools/train.py', str(path)]
    command += ['--work-dir', str(work_dir), *arguments]
    finished = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if finished.returncode > 0:
        raise RuntimeError(
            f'{" ".join(command)}\n{finished.stdout[-3000:]}{finished.stderr[-6000:]}'
        )
    return finished.returncode


def weights(work_dir: Path, epoch: int) -> dict[str, Tensor]:
    """The model's weights in a checkpoint of a run."""
    path = work_dir / f'epoch_{epoch}.pth'
    return torch.load(path, map_location='cpu', weights_only=True)['state_dict']
