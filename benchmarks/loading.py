"""Clouds per second that the data loader delivers, by layout on disk, against the training step.

    python -m benchmarks.loading [--num-samples 4096] [--workers 0 1 2]

Separate .npy files through the usual pipeline, the packed store through the same pipeline, and the
packed store one batch at a time, all with stored teacher features. "Cold" passes come after the
files were dropped from the page cache. The layouts take turns; results are medians over passes.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dataset import default_collate
from mmengine.registry import init_default_scope
from torch.utils.data import DataLoader

import recon_mm  # noqa: F401  # creates the registries
from recon_mm.datasets import ShapeNet55
from recon_mm.datasets.batched_shapenet55 import keep_batch
from recon_mm.datasets.packing import pack_clouds
from recon_mm.registry import DATASETS

from .machine import device_name
from .pretrain_step import CONFIGS, pretraining_config
from .shapenet_files import write_files
from .step import TrainingStep, Variant

SEPARATE, PACKED, BATCHES = LAYOUTS = (
    'separate .npy files',
    'packed, sample by sample',
    'packed, whole batches',
)


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('--num-samples', type=int, default=4096)
    parser.add_argument('--batch-size', type=int, default=128)
    parser.add_argument('--workers', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--passes', type=int, default=3)
    parser.add_argument('--steps', type=int, default=3, help='training steps measured; 0: none')
    parser.add_argument('--step-batch-size', type=int, default=32)
    parser.add_argument('--amp', action='store_true', help='the training steps in bfloat16')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--folder', help='where files are written; its disk is what is measured')
    return parser.parse_args()


def build_dataset(layout: str, root: Path) -> Any:
    """The training set of the cached config, in one of the layouts."""
    cfg = Config.fromfile(CONFIGS / 'pretrain_shapenet_cached.py').train_dataloader.dataset
    cfg.update(data_root=str(root), ann_files=('train.txt',))
    cfg.pipeline[1].update(path=str(root / 'teacher_features'), expect=None)
    if layout == SEPARATE:
        return DATASETS.build(cfg)
    cfg.packed_file = str(root / 'shapenet_packed')
    if layout == PACKED:
        del cfg.pipeline[0]  # LoadPoints
        return DATASETS.build(cfg)
    for key in ('pipeline', 'with_images'):
        del cfg[key]
    features = dict(path=str(root / 'teacher_features'))
    return DATASETS.build({**cfg, 'type': 'BatchedShapeNet55', 'teacher_features': features})


def build_loader(layout: str, root: Path, args: argparse.Namespace, workers: int) -> DataLoader:
    """A shuffling loader as the configs have it."""
    return DataLoader(
        build_dataset(layout, root),
        args.batch_size,
        shuffle=True,
        drop_last=True,
        num_workers=workers,
        persistent_workers=workers > 0,
        pin_memory=args.device.startswith('cuda'),
        collate_fn=keep_batch if layout == BATCHES else default_collate,
    )


def forget(root: Path) -> None:
    """Drops the pages of all files below ``root`` from memory (maps that are open keep theirs)."""
    for path in root.rglob('*.npy'):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def clouds_per_second(loader: DataLoader) -> float:
    """One pass over the data; each batch is received whole, nothing else is done with it."""
    start, count = time.perf_counter(), 0
    for batch in loader:
        count += len(batch['inputs']['points'])
    return count / (time.perf_counter() - start)


def measure(root: Path, args: argparse.Namespace, workers: int) -> Iterator[tuple[str, str]]:
    """Name and cells of each layout for this number of workers."""
    rates: dict[str, dict[str, list[float]]] = {
        layout: {'cold': [], 'warm': []} for layout in LAYOUTS
    }
    for _ in range(args.passes):
        for layout, found in rates.items():
            forget(root)
            loader = build_loader(layout, root, args, workers)  # new: maps nothing yet
            found['cold'].append(clouds_per_second(loader))
            clouds_per_second(loader)
            found['warm'].append(clouds_per_second(loader))
            del loader
    medians = {name: {k: statistics.median(v) for k, v in r.items()} for name, r in rates.items()}
    for layout, rate in medians.items():
        ratio = rate['warm'] / medians[SEPARATE]['warm']
        yield layout, f'{rate["cold"]:.0f} | {rate["warm"]:.0f} | {ratio:.1f}'


def step_rate(root: Path, args: argparse.Namespace) -> float:
    """Clouds per second that the training step consumes, base model with cached teachers."""
    torch.manual_seed(0)
    size = args.step_batch_size
    loader = DataLoader(build_dataset(BATCHES, root), size, collate_fn=keep_batch)
    variant = Variant(bfloat16=args.amp)
    step = TrainingStep(pretraining_config('base'), next(iter(loader)), args.device, variant)
    steps = [sum(step.measure().values()) for _ in range(args.steps + 1)][1:]
    return size / statistics.median(steps)


def main() -> None:
    """Runs the command."""
    args = parse_args()
    init_default_scope('recon_mm')
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        write_files(Path(folder), args.num_samples, 768, with_images=False)
        root = Path(folder) / 'ShapeNet55-34'
        dataset = ShapeNet55(str(root))
        infos = (dataset.get_data_info(index) for index in range(len(dataset)))
        start = time.perf_counter()
        pack_clouds(root / 'shapenet_packed', [Path(info['points_path']) for info in infos])
        packing = time.perf_counter() - start
        print(
            f'{device_name(args.device)}, load {os.getloadavg()[0]:.1f}, torch '
            f'{torch.__version__}; {args.num_samples} clouds of 8192 points, batch '
            f'{args.batch_size}; packed and compared in {packing:.1f} s\n\n'
            '| workers | layout | clouds/s, cold | clouds/s, warm | times faster, warm |\n'
            '|---:|---|---:|---:|---:|'
        )
        for workers in args.workers:
            for layout, cells in measure(root, args, workers):
                print(f'| {workers} | {layout} | {cells} |', flush=True)
        if args.steps:
            precision = 'bfloat16' if args.amp else 'float32'
            print(f'\nthe step takes {step_rate(root, args):.1f} clouds/s ({precision})')


if __name__ == '__main__':
    main()
