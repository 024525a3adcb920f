"""Times a pretraining step with each of its switches against the baseline, part by part.

    python -m benchmarks.pretrain_step [--variants baseline eager bf16] [--model small]

The baseline is the package with its plain layers, in float32, with both teachers live in every
step; ours reads stored image features and looks sentences up (``live`` also runs both teachers).
Sampling, neighbors and Chamfer are the package's own in all of them (``benchmarks/step.py``). All
processes keep freed memory, the baseline's too. Teachers are untrained, which costs the same.
"student" is the step without the time of the teachers.
Compiling the base model takes minutes.

ReCon++ (``--model reconpp-small``: random masks, 10,000 colored points; ``reconpp-1k-small``:
causal) reads stored features of views and texts in every variant, so that ``plain`` is its
baseline:

    python -m benchmarks.pretrain_step --model reconpp-1k-small --variants plain eager bf16
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.config import Config

from . import teachers  # noqa: F401  # registers them
from .machine import heading
from .shapenet_files import CATEGORIES, build_loader, write_files
from .step import VARIANTS, TrainingStep, add_step_arguments, compare, ready_process
from .table import Row, add_ratio, print_table

CONFIGS = Path(__file__).parents[1] / 'configs' / 'recon'
SUFFIX = dict(base='', small='_small', tiny='_tiny', test='_tiny')
RECONPP = {
    'reconpp-small': 'openshape_small',
    'reconpp-base': 'openshape_base',
    'reconpp-1k-small': 'openshape1k_small',
    'reconpp-1k-base': 'openshape1k_base',
    'reconpp-test': 'openshape1k_small',
}
TEST_SIZE = dict(embed_dims=48, depth=2, num_heads=2, num_groups=16, group_size=8)


def parse_args(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    add_step_arguments(parser, ['baseline', 'eager', 'bf16'])
    models = [*SUFFIX, *RECONPP]
    parser.add_argument('--model', choices=models, default='base', help='test: for tests')
    parser.add_argument('--batch-size', type=int, default=32)
    args = parser.parse_args(arguments)
    live = [name for name in args.variants if VARIANTS[name].live]
    if args.model in RECONPP and live:
        parser.error(f'{args.model} has no live teachers, which {live} run: begin with plain')
    return args


def pretraining_config(model: str, live: Sequence[str] = ()) -> Config:
    """The paper's config in the size asked for.

    Args:
        model: A key of ``SUFFIX``.
        live: The modalities whose teachers run in every step, untrained.
    """
    cfg = Config.fromfile(CONFIGS / f'pretrain_shapenet{SUFFIX[model]}.py')
    image, text = cfg.model.modalities.image, cfg.model.modalities.text
    image.teacher.pretrained = None
    if model == 'test':
        cfg.model.backbone.update(TEST_SIZE)
        image.teacher.model_name, image.head.feature_dims = 'test_vit', 64  # timm's for tests
    text.teacher.update(pretrained=None, classes=list(CATEGORIES.values()))
    if 'text' in live:
        text.teacher.type = 'LiveTextTeacher'
    else:
        text.teacher.update(type='RandomSentenceTable', table_dims=text.head.feature_dims)
    if 'image' not in live:
        cached = Config.fromfile(CONFIGS / 'pretrain_shapenet_cached.py')
        image.teacher = dict(type='CachedTeacher', feature_dims=image.head.feature_dims)
        cfg.train_dataloader = cached.train_dataloader
    return cfg


def reconpp_step_inputs(model: str, batch_size: int) -> tuple[Config, dict]:
    """ReCon++'s config in the size asked for, and random numbers as its data set gives them.

    Args:
        model: A key of ``RECONPP``.
        batch_size: Clouds B.
    """
    cfg = Config.fromfile(CONFIGS.parent / 'reconpp' / f'pretrain_{RECONPP[model]}.py')
    backbone = cfg.model.backbone
    if model == 'reconpp-test':
        backbone.update(TEST_SIZE)
    num_points = cfg.train_dataloader.dataset.pipeline[1].num_points
    inputs = dict(points=torch.rand(batch_size, num_points, backbone.channels))
    for name, modality in cfg.model.modalities.items():
        shape = (batch_size, backbone.global_tokens[name], modality.teacher.feature_dims)
        inputs[modality.teacher.input_key] = torch.randn(shape)
    return cfg, dict(inputs=inputs)


def build(name: str, args: argparse.Namespace, root: Path) -> TrainingStep:
    """A variant, in the process that will run it; ``root`` holds the files."""
    variant = ready_process(name, args)
    if args.model in RECONPP:
        cfg, batch = reconpp_step_inputs(args.model, args.batch_size)
        return TrainingStep(cfg, batch, args.device, variant, args.cpu_time)
    cfg = pretraining_config(args.model, variant.live)
    batch = next(iter(build_loader(cfg, root, args.batch_size)))
    return TrainingStep(cfg, batch, args.device, variant, args.cpu_time)


def write_data(args: argparse.Namespace, root: Path) -> None:
    """Generated shapes for one batch; ReCon++'s needs no files."""
    if args.model in RECONPP:
        return
    dims = pretraining_config(args.model).model.modalities.image.head.feature_dims
    write_files(root, args.batch_size, dims)


def rows(args: argparse.Namespace) -> list[Row]:
    """A row for each variant."""
    with tempfile.TemporaryDirectory() as folder:
        write_data(args, Path(folder))
        found = compare(build, args, args.batch_size, Path(folder))
    student = [row['times faster'] for row in add_ratio(found, 'student, ms')]
    whole = add_ratio(found, 'step, ms')
    return [{**row, 'student, times faster': ratio} for row, ratio in zip(whole, student)]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command."""
    args = parse_args(arguments)
    print(
        f'{heading(args)}; model {args.model}, batch {args.batch_size}, {args.repeats} steps, '
        f'freed memory kept by: {args.keep_memory}\n'
    )
    print_table(rows(args))


if __name__ == '__main__':
    main()
