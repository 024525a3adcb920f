"""Loss curves of one training in two ways: do they differ by more than another seed does?

    RECON_DATA=data/demo python -m benchmarks.loss_curves views [--picture docs/views.png]
    RECON_DATA=data/demo python -m benchmarks.loss_curves precision

``views``: the image teacher in every step, against stored features of 1 and of 8 views of each
image. ``precision``: float32 against bfloat16. On demo data, with a tiny model and an untrained
image network; what counts is the comparison, not the losses. Prints a table: losses of the last
tenth of training, and on the test list with newly augmented images; mean and standard deviation
over seeds.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import default_collate
from mmengine.runner import Runner

import recon_mm  # noqa: F401  # creates the registries
from recon_mm.registry import DATASETS, MODELS

from .pretrain_step import CONFIGS

VIT, VIT_DIMS = 'test_vit', 64  # timm's model for tests; fixed weights drawn at random
NUM_VIEWS = 8
VARIANTS = dict(
    views=('live', 'views=1', f'views={NUM_VIEWS}'),
    precision=('float32', 'bfloat16'),
)
LOSSES = ('loss_reconstruction', 'loss_image', 'loss_self_contrast')
Curves = dict[str, np.ndarray]


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('what', choices=list(VARIANTS))
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--epochs', type=int, default=20)
    parser.add_argument('--picture', type=Path, help='a PNG of the curves')
    return parser.parse_args()


def base_config(epochs: int) -> Config:
    """The demo's pretraining, smaller, on its training list."""
    cfg = Config.fromfile(CONFIGS / 'pretrain_demo.py')
    cfg.model.update(text_head=None, text_teacher=None)
    size = dict(embed_dims=96, num_heads=3)
    cfg.model.backbone.update(depth=3, **size)
    cfg.model.neck.update(depth=1, **size)
    for head in ('reconstruction_head', 'self_contrast_head', 'image_head'):
        cfg.model[head].embed_dims = 96
    cfg.model.image_head.feature_dims = VIT_DIMS
    cfg.model.image_teacher.model_name = VIT
    cfg.train_dataloader.update(num_workers=0, persistent_workers=False)
    cfg.train_dataloader.dataset.ann_files = ('train.txt',)
    cfg.custom_hooks = [dict(type='PrepareTeachersHook')]
    for part in ('cfg', 'dataloader', 'evaluator'):
        cfg[f'val_{part}'] = cfg[f'test_{part}'] = None
    cfg.default_hooks.checkpoint = None
    cfg.train_cfg = dict(by_epoch=True, max_epochs=epochs)
    cfg.param_scheduler = [dict(type='CosineAnnealingLR', T_max=epochs, eta_min=1e-6)]
    cfg.visualizer.vis_backends = []
    cfg.log_level = 'WARNING'
    return cfg


def store_views(folder: Path) -> None:
    """Stored features of the images of the training list, by the tool that users run."""
    command = [
        *(sys.executable, 'tools/cache_teacher_features.py', 'configs/recon/pretrain_demo.py'),
        *('--views', str(NUM_VIEWS), '--out', str(folder), '--num-workers', '0', '--cfg-options'),
        f'model.image_teacher.model_name={VIT}',
        "train_dataloader.dataset.ann_files=('train.txt',)",
    ]
    subprocess.run(command, check=True, cwd=CONFIGS.parents[1])


def apply(cfg: Config, variant: str, cache: Path) -> None:
    """Makes the config that of a variant."""
    if variant == 'bfloat16':
        cfg.optim_wrapper.type = 'BFloat16OptimWrapper'
    if variant != 'live':
        features: dict[str, Any] = dict(type='LoadTeacherFeatures', path=str(cache))
        if variant == 'views=1':
            features['view'] = 0
        cfg.model.image_teacher = dict(type='CachedImageTeacher', feature_dims=VIT_DIMS)
        cfg.train_dataloader.dataset.update(
            with_images=False,
            pipeline=[
                dict(type='LoadPoints'),
                features,
                dict(type='PackPointInputs', input_keys=('points', 'image_features', 'category')),
            ],
        )


def train(cfg: Config, seed: int, folder: Path) -> tuple[Curves, Any]:
    """Trains; the losses of every step, and the model."""
    cfg.randomness = dict(seed=seed)
    cfg.work_dir, cfg.experiment_name = str(folder), folder.name
    runner = Runner.from_cfg(cfg)
    runner.train()
    scalars = runner.message_hub.log_scalars
    return {name: scalars[f'train/{name}'].data[0] for name in LOSSES}, runner.model


@torch.no_grad()
def test_losses(model: Any, cfg: Config) -> dict[str, float]:
    """Losses on the test list with images augmented anew, in float32, the same draws each time."""
    dataset = DATASETS.build({**cfg.train_dataloader.dataset, 'ann_files': ('test.txt',)})
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002  # transforms use the global generator
    batch = model.data_preprocessor(default_collate([dataset[i] for i in range(len(dataset))]))
    losses = model.eval().loss(batch['inputs'])
    return {name: losses[name].item() for name in LOSSES}


def run(args: argparse.Namespace, cache: Path) -> tuple[dict[str, list[Curves]], dict]:
    """Curves and test losses of every variant and seed."""
    curves: dict[str, list[Curves]] = {name: [] for name in VARIANTS[args.what]}
    tested: dict[str, list[dict[str, float]]] = {name: [] for name in curves}
    for seed in args.seeds:
        for variant in curves:
            cfg, live = base_config(args.epochs), base_config(args.epochs)
            apply(cfg, variant, cache)
            curve, model = train(cfg, seed, cache.parent / f'{variant}_{seed}')
            model.image_teacher = MODELS.build(live.model.image_teacher)
            curves[variant].append(curve)
            tested[variant].append(test_losses(model, live))
            print(f'{variant}, seed {seed}: {tested[variant][-1]}', file=sys.stderr, flush=True)
    return curves, tested


def cell(values: list[float]) -> str:
    """Mean and standard deviation."""
    spread = statistics.stdev(values) if len(values) > 1 else float('nan')
    return f'{statistics.mean(values):.4f} ± {spread:.4f}'


def draw(curves: dict[str, list[Curves]], path: Path) -> None:
    """Each loss smoothed: the mean over seeds, and the range from the lowest to the highest."""
    import matplotlib

    matplotlib.use('Agg')
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(LOSSES), figsize=(11, 3.2), layout='constrained')
    for axis, name in zip(axes, LOSSES):
        for variant, seeds in curves.items():
            window = np.ones(12) / 12  # an epoch of the demo
            smooth = np.stack([np.convolve(curve[name], window, 'valid') for curve in seeds])
            steps = np.arange(smooth.shape[1]) + 12
            (line,) = axis.plot(steps, smooth.mean(0), label=variant, linewidth=1.2)
            axis.fill_between(
                steps, smooth.min(0), smooth.max(0), color=line.get_color(), alpha=0.15
            )
        axis.set_title(name, fontsize=10)
        axis.set_xlabel('step')
        axis.set_yscale('log')
        axis.grid(alpha=0.3, which='both')
    axes[0].legend(fontsize=9)
    figure.savefig(path, dpi=110)


def main() -> None:
    """Runs the command."""
    args = parse_args()
    os.environ['RECON_DATA'] = str(Path(os.environ.get('RECON_DATA', 'data/demo')).absolute())
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / 'features'
        store_views(cache)
        curves, tested = run(args, cache)
    steps = len(curves[VARIANTS[args.what][0]][0][LOSSES[0]])
    print(f'torch {torch.__version__}; {steps} steps, seeds {args.seeds}\n')
    print(f'| losses | when | {" | ".join(curves)} |\n|---|---|{"---:|" * len(curves)}')
    for name in LOSSES:
        last = {v: [float(c[name][-steps // 10 :].mean()) for c in cs] for v, cs in curves.items()}
        print(f'| {name} | training, last tenth | {" | ".join(map(cell, last.values()))} |')
        test = {v: [losses[name] for losses in found] for v, found in tested.items()}
        print(f'| {name} | test list | {" | ".join(map(cell, test.values()))} |')
    if args.picture:
        draw(curves, args.picture)


if __name__ == '__main__':
    main()
