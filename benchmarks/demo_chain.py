"""The whole chain on demo data: does pretraining help downstream tasks?

python -m benchmarks.demo_chain --out work_dirs/demo_chain

Many shapes to pretrain on, few labels to fine-tune with, many test clouds. The data are generated
in ``--out`` the first time. For each seed: pretraining; a linear SVM on its features and on those
of the untrained network; fine-tuning from its weights and from scratch, by the same recipe. Every
result is that of the last epoch, on the test split. The model is small, so that all of it takes
minutes on one CPU core.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from demo import LAYOUTS

from .table import Row, lines, print_table

ROOT = Path(__file__).parents[1]
BACKBONE = {  # of pretrain_demo_no_teachers, as the number of points
    'embed_dims': 192,
    'depth': 4,
    'num_heads': 3,
    'num_groups': 16,
    'group_size': 32,
    'drop_path_rate': 0.0,
}
NUM_POINTS, POOL = 256, 300
DATA = {'shapenet55': (120, 1), 'modelnet': (5, 40)}  # training and test shapes per category
RATE = 3e-4  # the best for scratch of 3e-4 and 1e-3
EPOCHS = 24  # of fine-tuning, 5 steps each
NO_WORKERS = [
    f'{split}_dataloader.{option}'
    for split in ('train', 'val')
    for option in ('num_workers=0', 'persistent_workers=False')
]


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--out', type=Path, default=Path('work_dirs/demo_chain'))
    parser.add_argument('--data', type=Path, help='where the data are or go (default: in --out)')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
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
    """A shorter schedule of the same kind, validated at its end."""
    return [
        *options('train_cfg', {'max_epochs': epochs, 'val_interval': epochs}),
        *options('param_scheduler.0', {'end': warm_up}),
        *options('param_scheduler.1', {'begin': warm_up, 'T_max': epochs, 'end': epochs}),
        f'optim_wrapper.optimizer.lr={rate}',
        f'default_hooks.checkpoint.interval={epochs}',
    ]


def logged(work_dir: Path, name: str) -> list[float]:
    """Every value of a metric in the log of the last run, in order."""
    log = max(work_dir.glob('*/vis_data/scalars.json'))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    return [line[name] for line in lines if name in line]


def make_data(folder: Path) -> None:
    """Makes the sets that are not there yet."""
    for name, counts in DATA.items():
        if not (folder / LAYOUTS[name].FOLDER).exists():
            run(
                'dataset_converters/make_demo_data.py', '--out', folder, '--sets', name,
                '--shapes-per-category', *counts,
            )  # fmt: skip


def pretrain(work_dir: Path, seed: int) -> tuple[Path, float, float]:
    """Pretrains; the checkpoint, and the SVM's accuracy before and after."""
    run(
        'train.py', config('pretrain_demo_no_teachers'), '--work-dir', work_dir,
        '--cfg-options', f'randomness.seed={seed}', *NO_WORKERS,
    )  # fmt: skip
    before, after = logged(work_dir, 'svm/accuracy')
    return Path((work_dir / 'last_checkpoint').read_text()), before, after


def fine_tune(work_dir: Path, seed: int, weights: Path | None) -> float:
    """Fine-tunes everything; the accuracy of the last epoch."""
    preprocessor = 'model.data_preprocessor'
    small = [
        *options('model.backbone', BACKBONE),
        f'{preprocessor}.train_transforms.1.num_points={NUM_POINTS}',
        f'{preprocessor}.train_transforms.1.pool={POOL}',
        f'{preprocessor}.test_transforms.1.num_points={NUM_POINTS}',
        'train_dataloader.batch_size=26',  # of 130 clouds
        *NO_WORKERS,
        f'randomness.seed={seed}',
    ]
    if weights:
        small.append(f'load_from={weights}')
    run(
        'train.py', config('classification_modelnet40_1k_full'), '--work-dir', work_dir,
        '--cfg-options', *small, *schedule(EPOCHS, EPOCHS // 10, RATE),
    )  # fmt: skip
    return logged(work_dir, 'accuracy/overall')[-1]


def rows(results: dict[str, list[float]], seeds: list[int]) -> Iterator[Row]:
    """A row for each result, with mean and sample standard deviation over the seeds."""
    for name, values in results.items():
        spread = f' ± {np.std(values, ddof=1):.1f}' if len(values) > 1 else ''
        each = {f'seed {seed}': f'{value:.1f}' for seed, value in zip(seeds, values)}
        yield {'result, %': name, **each, 'mean ± std': f'{np.mean(values):.1f}{spread}'}


def main() -> None:
    """Runs the chain."""
    args = parse_args()
    data = args.data or args.out / 'data'
    make_data(data)
    os.environ['RECON_DATA'] = str(data)
    results: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        results.setdefault(name, []).append(value)
        print(f'{name}: {value:.1f}', flush=True)

    for seed in args.seeds:
        print(f'seed {seed}')
        folder = args.out / f'seed_{seed}'
        weights, before, after = pretrain(folder / 'pretrain', seed)
        note('linear SVM, untrained network', before)
        note('linear SVM, pretrained', after)
        for start, file in (('scratch', None), ('pretrained', weights)):
            note(f'fine-tuning, {start}', fine_tune(folder / start, seed, file))
        (args.out / 'table.md').write_text('\n'.join(lines(rows(results, args.seeds))))
    print_table(rows(results, args.seeds))


if __name__ == '__main__':
    main()
