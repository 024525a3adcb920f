"""The whole chain on demo data: does pretraining help what follows it?

python tools/dataset_converters/make_demo_data.py --out data/demo
RECON_DATA=data/demo python benchmarks/demo_chain.py --out work_dirs/demo_chain

For each seed: pretraining; a linear SVM on its features and on those of the untrained network;
fine-tuning of ScanObjectNN and ModelNet40 from its weights and from scratch. Every figure is of the
last epoch, on the test split. The model is small, so that all of it takes minutes on two CPU cores.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

ROOT = Path(__file__).parents[1]
WIDTH = 192  # of pretrain_demo, as all of this
BACKBONE = {
    'embed_dims': WIDTH,
    'depth': 4,
    'num_heads': 3,
    'num_groups': 32,
    'group_size': 16,
    'drop_path_rate': 0.0,
}
NUM_POINTS, POOL = 512, 600


class Task(NamedTuple):
    """What is fine-tuned."""

    config: str
    choice: int  # which of its transforms chooses points
    epochs: int


TASKS = {
    'ScanObjectNN OBJ_BG': Task('classification_scanobjectnn_obj_bg_full', 0, 40),
    'ModelNet40': Task('classification_modelnet40_1k_full', 1, 15),
}


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--out', type=Path, default=Path('work_dirs/demo_chain'))
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--pretrain-epochs', type=int, default=25)
    return parser.parse_args()


def run(tool: str, *arguments: object) -> None:
    """Runs a tool of this project; its output is shown only where it fails."""
    command = [sys.executable, f'{ROOT}/tools/{tool}', *map(str, arguments)]
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f'{" ".join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}')


def config(name: str) -> Path:
    """Path of a config."""
    return ROOT / 'configs/recon' / f'{name}.py'


def options(prefix: str, values: dict) -> list[str]:
    """``--cfg-options`` that set the keys below ``prefix``."""
    return [f'{prefix}.{key}={value}' for key, value in values.items()]


def schedule(epochs: int, warm_up: int, rate: float) -> list[str]:
    """A shorter schedule of the same form, validated at its end."""
    return [
        *options('train_cfg', {'max_epochs': epochs, 'val_interval': epochs}),
        *options('param_scheduler.0', {'end': warm_up}),
        *options('param_scheduler.1', {'begin': warm_up, 'T_max': epochs, 'end': epochs}),
        f'optim_wrapper.optimizer.lr={rate}',
        f'default_hooks.checkpoint.interval={epochs}',
        'train_dataloader.num_workers=0',
        'train_dataloader.persistent_workers=False',
    ]


def figures(work_dir: Path, name: str) -> list[float]:
    """Every value of a figure in the log of the last run, in order."""
    log = max(work_dir.glob('*/vis_data/scalars.json'))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return [line[name] for line in lines if name in line]


def pretrain(work_dir: Path, seed: int, epochs: int) -> tuple[Path, float, float]:
    """Pretrains; the checkpoint, and the SVM's accuracy before and after."""
    run(
        'train.py', config('pretrain_demo_no_teachers'), '--work-dir', work_dir,
        '--cfg-options', f'randomness.seed={seed}', *schedule(epochs, 5, 3e-4),
    )  # fmt: skip
    before, after = figures(work_dir, 'svm/accuracy')
    return work_dir / f'epoch_{epochs}.pth', before, after


def fine_tune(work_dir: Path, task: Task, seed: int, weights: Path | None) -> float:
    """Fine-tunes; the accuracy of the last epoch."""
    preprocessor = 'model.data_preprocessor'
    small = [
        *options('model.backbone', BACKBONE),
        f'model.head.embed_dims={WIDTH}',
        f'{preprocessor}.train_transforms.{task.choice}.num_points={NUM_POINTS}',
        f'{preprocessor}.train_transforms.{task.choice}.pool={POOL}',
        f'{preprocessor}.test_transforms.{task.choice}.num_points={NUM_POINTS}',
        'val_dataloader.num_workers=0',
        'val_dataloader.persistent_workers=False',
        f'randomness.seed={seed}',
    ]
    if weights:
        small.append(f'load_from={weights}')
    run(
        'train.py', config(task.config), '--work-dir', work_dir,
        '--cfg-options', *small, *schedule(task.epochs, 3, 2e-4),
    )  # fmt: skip
    return figures(work_dir, 'accuracy/overall')[-1]


def table(results: dict[str, list[float]], seeds: list[int]) -> str:
    """The figures, a row each, with mean and sample standard deviation over the seeds."""
    lines = [
        '| figure, % | ' + ' | '.join(f'seed {seed}' for seed in seeds) + ' | mean ± std |',
        '|---|' + '---:|' * (len(seeds) + 1),
    ]
    for name, values in results.items():
        spread = f' ± {np.std(values, ddof=1):.1f}' if len(values) > 1 else ''
        each = ' | '.join(f'{value:.1f}' for value in values)
        lines.append(f'| {name} | {each} | {np.mean(values):.1f}{spread} |')
    return '\n'.join(lines)


def main() -> None:
    """Runs the chain."""
    args = parse_args()
    results: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        results.setdefault(name, []).append(value)
        print(f'{name}: {value:.1f}', flush=True)

    for seed in args.seeds:
        print(f'seed {seed}')
        folder = args.out / f'seed_{seed}'
        weights, before, after = pretrain(folder / 'pretrain', seed, args.pretrain_epochs)
        note('linear SVM ModelNet40, untrained network', before)
        note('linear SVM ModelNet40, pretrained', after)
        for name, task in TASKS.items():
            for start, file in (('from scratch', None), ('from pretrained weights', weights)):
                work_dir = folder / f'{name} {start}'.replace(' ', '_')
                note(f'{name}, {start}', fine_tune(work_dir, task, seed, file))
    (args.out / 'table.md').write_text(table(results, args.seeds) + '\n')
    print(f'\n{table(results, args.seeds)}')


if __name__ == '__main__':
    main()
