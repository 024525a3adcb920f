"""Few-shot classification: trains and tests every fold, and makes the table mean ± std.

python tools/few_shot.py configs/recon/fewshot_modelnet40.py CHECKPOINT
python tools/few_shot.py configs/recon/fewshot_modelnet40_drawn.py CHECKPOINT --ways 5 --shots 10

The first reads the community's folds, the second draws its own from ModelNet40. Folds run at the
same time, one on each GPU; finished ones are kept, so that the same command continues after an
interruption. The accuracy of a fold is that of its last epoch, not of its best on the test shapes.
"""

import argparse
import hashlib
import itertools
import json
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from mmengine.config import Config, DictAction
from mmengine.runner import Runner

import recon_mm  # noqa: F401 - creates the registries


class Fold(NamedTuple):
    """One training."""

    way: int
    shot: int
    index: int

    @property
    def name(self) -> str:
        """What its folder is called."""
        return f'{self.way}way_{self.shot}shot_{self.index}'


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='path of a few-shot config')
    parser.add_argument('checkpoint', help="pretrained weights; 'none' to train from scratch")
    parser.add_argument('--work-dir', help='where results, logs and the table go')
    parser.add_argument('--ways', type=int, nargs='+', default=[5, 10])
    parser.add_argument('--shots', type=int, nargs='+', default=[10, 20])
    parser.add_argument('--folds', type=int, nargs='+', default=list(range(10)))
    parser.add_argument(
        '--jobs', type=int, help='folds at the same time (default: one a GPU; without GPUs, one)'
    )
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='overrides, as key=value'
    )
    args = parser.parse_args(argv)
    args.work_dir = Path(args.work_dir or f'work_dirs/{Path(args.config).stem}')
    return args


def load_config(args: argparse.Namespace) -> Config:
    """The config that all folds share."""
    cfg = Config.fromfile(args.config)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    cfg.load_from = None if args.checkpoint == 'none' else str(Path(args.checkpoint).resolve())
    # Forty models, of which only the accuracy matters.
    cfg.default_hooks.checkpoint.update(interval=-1, save_last=False)
    return cfg


def train_fold(cfg: Config, fold: Fold, work_dir: Path) -> float:
    """Trains and tests one fold, and stores its accuracy.

    Returns:
        Overall accuracy in per cent.
    """
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.dataset.update(way=fold.way, shot=fold.shot, fold=fold.index)
    # The loader drops what does not fill a batch: of a smaller fold, all.
    loader = cfg.train_dataloader
    loader.batch_size = min(loader.batch_size, fold.way * fold.shot)
    cfg.model.head.num_classes = fold.way
    cfg.work_dir = str(work_dir / fold.name)
    cfg.experiment_name = fold.name  # of several runs in one process, each has its own log
    runner = Runner.from_cfg(cfg)
    runner.train()
    accuracy = runner.test()['accuracy/overall']
    partial = result_file(work_dir, fold).with_suffix('.partial')
    partial.write_text(json.dumps({**fold._asdict(), 'accuracy': accuracy}) + '\n')
    os.replace(partial, result_file(work_dir, fold))
    return accuracy


def result_file(work_dir: Path, fold: Fold) -> Path:
    """Where a fold's accuracy is stored."""
    return work_dir / fold.name / 'result.json'


def check_same_run(work_dir: Path, cfg: Config) -> None:
    """Notes what the results in a folder are of, and refuses to mix them with others.

    Raises:
        SystemExit: If the folder holds results of another config or checkpoint.
    """
    text = json.dumps(cfg.to_dict(), sort_keys=True, default=str)
    size = Path(cfg.load_from).stat().st_size if cfg.load_from else None
    run = {
        'checkpoint': cfg.load_from,
        'checkpoint_bytes': size,
        'config': hashlib.sha256(text.encode()).hexdigest(),
    }
    path = work_dir / 'run.json'
    if not path.exists():
        work_dir.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(run, indent=1) + '\n')
        return
    before = json.loads(path.read_text())
    differing = [key for key in run if run[key] != before.get(key)]
    if differing:
        raise SystemExit(
            f'{work_dir} holds folds of another run; {differing[0]} is {run[differing[0]]!r}, was '
            f'{before.get(differing[0])!r}. Choose another --work-dir, or remove this one.'
        )


def visible_devices() -> list[str]:
    """The GPUs that may be used, as ``CUDA_VISIBLE_DEVICES`` names them."""
    named = os.environ.get('CUDA_VISIBLE_DEVICES')
    names = named.split(',') if named else map(str, itertools.count())
    return list(itertools.islice(names, torch.cuda.device_count()))


def take_device(devices: 'multiprocessing.Queue[str]') -> None:
    """Gives a new process its GPU, before it uses one."""
    os.environ['CUDA_VISIBLE_DEVICES'] = devices.get()


def run_folds(folds: list[Fold], cfg: Config, work_dir: Path, jobs: int | None) -> None:
    """Trains folds, several at a time; one that fails ends the command."""
    devices = visible_devices()
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


def summarize(accuracies: dict[Fold, float]) -> list[dict]:
    """Mean and sample standard deviation over the folds of each setting."""
    settings = sorted({(fold.way, fold.shot) for fold in accuracies})
    rows = []
    for way, shot in settings:
        values = [value for fold, value in accuracies.items() if fold[:2] == (way, shot)]
        std = float(np.std(values, ddof=1)) if len(values) > 1 else None
        rows.append(
            dict(way=way, shot=shot, mean=float(np.mean(values)), std=std, accuracies=values)
        )
    return rows


def markdown(rows: list[dict]) -> str:
    """The table."""
    lines = ['| setting | folds | accuracy % | each fold |', '|---|---:|---:|---|']
    for row in rows:
        std = '' if row['std'] is None else f' ± {row["std"]:.1f}'
        each = ', '.join(f'{value:.1f}' for value in row['accuracies'])
        lines.append(
            f'| {row["way"]}-way {row["shot"]}-shot | {len(row["accuracies"])} '
            f'| {row["mean"]:.1f}{std} | {each} |'
        )
    return '\n'.join(lines) + '\n'


def main(argv: list[str] | None = None) -> None:
    """Runs what is missing, then writes the table."""
    args = parse_args(argv)
    cfg = load_config(args)
    check_same_run(args.work_dir, cfg)
    folds = list(itertools.starmap(Fold, itertools.product(args.ways, args.shots, args.folds)))
    missing = [fold for fold in folds if not result_file(args.work_dir, fold).exists()]
    print(f'{len(folds)} folds, {len(folds) - len(missing)} of them finished before')
    if missing:
        run_folds(missing, cfg, args.work_dir, args.jobs)
    stored = {fold: json.loads(result_file(args.work_dir, fold).read_text()) for fold in folds}
    rows = summarize({fold: result['accuracy'] for fold, result in stored.items()})
    (args.work_dir / 'few_shot.json').write_text(json.dumps(rows, indent=1) + '\n')
    (args.work_dir / 'few_shot.md').write_text(markdown(rows))
    print(f'\n{markdown(rows)}\nwritten to {args.work_dir}/few_shot.md and few_shot.json')


if __name__ == '__main__':
    main()
