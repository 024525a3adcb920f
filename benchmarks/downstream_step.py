"""Times fine-tuning, part segmentation and inference against the package with its plain layers.

    python -m benchmarks.downstream_step [--tasks classification parts backbone]

Base model, 2048 points, 128 patches, as the paper's configs have it, on random clouds without
augmentation. "backbone" is ``ReConTransformer`` in eval mode with 1024 points and 64 patches,
clouds to tokens, for one cloud and for 64. ``plain``: each layer in its plain form, float32; the
operations on points are the package's own in every variant (``benchmarks/step.py``).
"""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from mmengine.config import Config

from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

from .machine import heading
from .pretrain_step import CONFIGS, TEST_SIZE
from .step import Timed, TrainingStep, add_step_arguments, compare, ready_process, run_plain
from .table import Row, add_ratio, print_table

CONFIG_OF = dict(
    classification='classification_scanobjectnn_pb_t50_rs_full',
    parts='part_segmentation_shapenetpart',
    backbone='pretrain_shapenet',
)
SIZES = dict(classification=[32], parts=[16], backbone=[1, 64])


class Inference(Timed):
    """A backbone in eval mode, clouds to tokens."""

    def __init__(self, cfg: dict, points: torch.Tensor, *args: Any) -> None:
        super().__init__(*args)
        self.points = points.to(self.device)
        self.model: Any = MODELS.build(cfg).to(self.device).eval()
        run_plain(self.model, self.variant.plain)

    @torch.inference_mode()
    def step(self) -> None:
        """One pass."""
        kind = torch.device(self.device).type
        with torch.autocast(kind, torch.bfloat16, enabled=self.variant.bfloat16):
            self.model(self.points)


def parse_args(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    add_step_arguments(parser, ['plain', 'eager', 'bf16'])
    parser.add_argument('--tasks', nargs='+', choices=list(SIZES), default=list(SIZES))
    parser.add_argument('--test', action='store_true', help='tiny sizes, for tests')
    return parser.parse_args(arguments)


def task_config(task: str, test: bool) -> Config:
    """The config of a task, without augmentation."""
    cfg = Config.fromfile(CONFIGS / f'{CONFIG_OF[task]}.py')
    cfg.model.data_preprocessor.train_transforms = []
    if test:
        cfg.model.backbone.update(TEST_SIZE)
    if test and task == 'parts':
        cfg.model.backbone.update(depth=3, out_indices=(0, 1, 2))
    return cfg


def build(name: str, args: argparse.Namespace, task: str, size: int) -> Timed:
    """A variant, in the process that will run it."""
    variant = ready_process(name, args)
    cfg = task_config(task, args.test)
    how = (args.device, variant, args.cpu_time)
    count = 128 if args.test else 1024 if task == 'backbone' else 2048
    points = torch.randn(size, count, 3)
    if task == 'backbone':
        return Inference(cfg.model.backbone, points, *how)
    category = torch.arange(size) % 15
    samples = [
        PointDataSample(gt_label=label[None], gt_part=torch.randint(50, (count,)))
        for label in category
    ]
    inputs = dict(points=points, category=category)
    return TrainingStep(cfg, dict(inputs=inputs, data_samples=samples), *how)


def cases(args: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """Tasks and their batch sizes."""
    for task in args.tasks:
        for size in SIZES[task]:
            yield task, min(size, 4) if args.test else size


def rows(args: argparse.Namespace) -> Iterator[Row]:
    """A row for each task, batch size and variant."""
    for task, size in cases(args):
        found = compare(build, args, size, task, size)
        for row in add_ratio(found, 'step, ms'):
            shown = {key: value for key, value in row.items() if key in KEYS}
            yield {'task': task, 'batch': size, **shown}


KEYS = ('variant', 'step, ms', 'clouds/s', 'peak memory, GB', 'times faster')


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command."""
    args = parse_args(arguments)
    print(f'{heading(args)}, {args.repeats} steps\n')
    print_table(rows(args))


if __name__ == '__main__':
    main()
