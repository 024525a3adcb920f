"""Few-shot classification: trains and tests every fold, and writes the table of mean ± std.

recon-mm few-shot recon/fewshot_modelnet40 CHECKPOINT
python tools/few_shot.py configs/recon/fewshot_modelnet40.py CHECKPOINT
python tools/few_shot.py configs/recon/fewshot_modelnet40_drawn.py CHECKPOINT --ways 5 --shots 10

The first reads the community's folds, the last draws its own from ModelNet40. Folds run in
parallel, one per GPU; finished ones are kept, so that the same command continues after an
interruption. The accuracy of a fold is that of its last epoch, not of its best on the test shapes.
"""

import argparse
import hashlib
import itertools
import json
import logging
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.config import Config

from recon_mm.engine import QuietRunner
from recon_mm.utils.files import write_file
from recon_mm.utils.memory import keep_freed_memory

from .command_line import add_amp, check_weights, command, config_parser, load_config


class Fold(NamedTuple):
    """One training."""

    way: int
    shot: int
    index: int

    @property
    def name(self) -> str:
        """The name of its folder."""
        return f'{self.way}way_{self.shot}shot_{self.index}'


class FoldRunner(QuietRunner):
    """The runner of one fold of many: on the console only what is wrong, in its log all."""

    console_level = logging.WARNING


def run_few_shot(
    cfg: Config, work_dir: Path, folds: Sequence[Fold], jobs: int | None = None
) -> list[dict[str, Any]]:
    """Trains the folds that have no result yet, and writes ``few_shot.json`` and ``few_shot.md``.

    Finished folds are kept, so that the same call continues after an interruption.

    Args:
        cfg: A few-shot config; its ``load_from`` names the pretrained weights.
        work_dir: Where results, logs and the table go.
        folds: What to train and test.
        jobs: Folds to run in parallel; by default one per GPU, or one without GPUs.

    Returns:
        The rows of :func:`summarize`.

    Raises:
        FileExistsError: If the folder holds results of a different config or checkpoint.
    """
    # Forty models, of which only the accuracy is kept.
    cfg.default_hooks.checkpoint.update(interval=-1, save_last=False)
    check_same_run(work_dir, cfg)
    missing = [fold for fold in folds if not result_file(work_dir, fold).exists()]
    print(f'{len(folds)} folds, {len(folds) - len(missing)} of them finished before')
    if missing:
        run_folds(missing, cfg, work_dir, jobs)
    results = [json.loads(result_file(work_dir, fold).read_text()) for fold in folds]
    rows = summarize({fold: result['accuracy'] for fold, result in zip(folds, results)})
    (work_dir / 'few_shot.json').write_text(json.dumps(rows, indent=1) + '\n')
    (work_dir / 'few_shot.md').write_text(markdown(rows))
    return rows


def train_fold(cfg: Config, fold: Fold, work_dir: Path) -> float:
    """Trains and tests one fold; stores and returns the accuracy of its last epoch in percent."""
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.dataset.update(way=fold.way, shot=fold.shot, fold=fold.index)
    # The loader drops incomplete batches, so it would drop all of a smaller fold.
    loader = cfg.train_dataloader
    loader.batch_size = min(loader.batch_size, fold.way * fold.shot)
    cfg.model.head.num_classes = fold.way
    cfg.work_dir = str(work_dir / fold.name)
    cfg.experiment_name = fold.name  # several runs in one process each need their own log
    runner = FoldRunner.from_cfg(cfg)
    runner.train()
    accuracy = runner.test()['accuracy/overall']
    result = json.dumps({**fold._asdict(), 'accuracy': accuracy}) + '\n'
    write_file(result_file(work_dir, fold), result.encode())
    return accuracy


def result_file(work_dir: Path, fold: Fold) -> Path:
    """Where a fold's accuracy is stored."""
    return work_dir / fold.name / 'result.json'


def check_same_run(work_dir: Path, cfg: Config) -> None:
    """Records which run a folder belongs to; raises FileExistsError if to a different one."""
    text = json.dumps(cfg.to_dict(), sort_keys=True, default=str)
    run = {
        'checkpoint': cfg.load_from,
        'checkpoint_bytes': Path(cfg.load_from).stat().st_size if cfg.load_from else None,
        'config': hashlib.sha256(text.encode()).hexdigest(),
    }
    path = work_dir / 'run.json'
    if not path.exists():
        work_dir.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(run, indent=1) + '\n')
        return
    before = json.loads(path.read_text())
    for key, value in run.items():
        if value != before.get(key):
            raise FileExistsError(
                f'{work_dir} holds folds of a different run; {key} is {value!r}, was '
                f'{before.get(key)!r}. Choose another --work-dir, or remove this one.'
            )


def take_device(devices: 'multiprocessing.Queue[str]') -> None:
    """Assigns a GPU to a new process, before it uses one; the CPU, where there is none."""
    device = os.environ['CUDA_VISIBLE_DEVICES'] = devices.get()
    if not device:
        keep_freed_memory()


def run_folds(folds: list[Fold], cfg: Config, work_dir: Path, jobs: int | None) -> None:
    """Trains folds, several at a time, one on each GPU; one that fails ends the command."""
    count = torch.cuda.device_count()
    named = os.environ.get('CUDA_VISIBLE_DEVICES')  # which of the machine's GPUs may be used
    devices = (named.split(',') if named else [str(i) for i in range(count)])[:count]
    jobs = min(jobs or len(devices) or 1, len(folds))
    context = multiprocessing.get_context('spawn')
    queue = context.Queue()
    for number in range(jobs):
        queue.put(devices[number % len(devices)] if devices else '')
    with ProcessPoolExecutor(jobs, context, take_device, (queue,)) as pool:
        futures = {pool.submit(train_fold, cfg, fold, work_dir): fold for fold in folds}
        try:
            for number, future in enumerate(as_completed(futures), start=1):
                accuracy = future.result()
                print(f'{number}/{len(folds)}  {futures[future].name}: {accuracy:.2f} %')
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def summarize(accuracies: dict[Fold, float]) -> list[dict[str, Any]]:
    """Mean and sample standard deviation over the folds of each setting."""
    rows = []
    for way, shot in sorted({fold[:2] for fold in accuracies}):
        values = [value for fold, value in accuracies.items() if fold[:2] == (way, shot)]
        std = float(np.std(values, ddof=1)) if len(values) > 1 else None
        rows.append(
            dict(way=way, shot=shot, mean=float(np.mean(values)), std=std, accuracies=values)
        )
    return rows


def markdown(rows: list[dict[str, Any]]) -> str:
    """The rows as a Markdown table."""
    lines = ['| setting | folds | accuracy % | each fold |', '|---|---:|---:|---|']
    for row in rows:
        std = '' if row['std'] is None else f' ± {row["std"]:.1f}'
        each = ', '.join(f'{value:.1f}' for value in row['accuracies'])
        lines.append(
            f'| {row["way"]}-way {row["shot"]}-shot | {len(row["accuracies"])} '
            f'| {row["mean"]:.1f}{std} | {each} |'
        )
    return '\n'.join(lines) + '\n'


def parse_args(argv: Sequence[str] | None, prog: str | None) -> argparse.Namespace:
    """The command line."""
    parser = config_parser(__doc__, prog)
    parser.add_argument('checkpoint', help="pretrained weights; 'none' to train from scratch")
    parser.add_argument('--work-dir', help='where results, logs and the table go')
    parser.add_argument('--ways', type=int, nargs='+', default=[5, 10])
    parser.add_argument('--shots', type=int, nargs='+', default=[10, 20])
    parser.add_argument('--folds', type=int, nargs='+', default=list(range(10)))
    parser.add_argument(
        '--jobs', type=int, help='folds to run in parallel (default: one per GPU, else one)'
    )
    add_amp(parser)
    return parser.parse_args(argv)


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs what is missing, then prints the table; returns the exit status."""
    args = parse_args(argv, prog)
    work_dir = Path(args.work_dir or f'work_dirs/{Path(args.config).stem}')
    cfg = load_config(args)
    cfg.load_from = None if args.checkpoint == 'none' else str(Path(args.checkpoint).resolve())
    check_weights(cfg)
    folds = list(itertools.starmap(Fold, itertools.product(args.ways, args.shots, args.folds)))
    rows = run_few_shot(cfg, work_dir, folds, args.jobs)
    print(f'\n{markdown(rows)}\nwritten to {work_dir}/few_shot.md and few_shot.json')
    return 0
