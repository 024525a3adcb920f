"""Trains a model from a config.

recon-mm train recon/pretrain_shapenet
python tools/train.py configs/recon/pretrain_shapenet.py
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.runner import Runner

from recon_mm.datasets.errors import DataError
from recon_mm.engine import QuietRunner, TrimMemoryHook, find_resumable_checkpoint
from recon_mm.engine.launch import process_group
from recon_mm.engine.resume import check_resumable
from recon_mm.utils.memory import keep_freed_memory

from .command_line import (
    CommandParser,
    add_amp,
    check_weights,
    command,
    load_run_config,
    run_parser,
)


def resume(cfg: Config, checkpoint: str) -> None:
    """Makes the run continue from a checkpoint, or start anew where there is none yet.

    Raises:
        CheckpointError: If a run cannot continue from the checkpoint.
    """
    if checkpoint == 'auto':
        path = find_resumable_checkpoint(cfg.work_dir)
        cfg.resume = path is not None
        if path is None:
            print(f'{cfg.work_dir} holds no checkpoint yet: training starts from the beginning')
            return
        checkpoint = str(path)
    elif '://' not in checkpoint:
        check_resumable(Path(checkpoint))
    cfg.load_from, cfg.resume = checkpoint, True


def check_epochs(cfg: Config) -> None:
    """Refuses a config that trains for no epoch; raises ValueError."""
    for key in ('max_epochs', 'max_iters'):
        count = cfg.train_cfg.get(key, 1)
        if not isinstance(count, int) or count < 1:
            raise ValueError(f'train_cfg.{key} is {count!r}, expected a whole number from 1')


def check_steps(runner: Runner) -> None:
    """Refuses epochs without a step.

    Raises:
        ValueError: If the training set does not fill one batch.
    """
    loader: Any = runner.train_dataloader
    if len(loader) == 0:
        raise ValueError(
            f'an epoch has no step: the training set has {len(loader.dataset)} samples for '
            f'{runner.world_size} process(es), a batch {loader.batch_size}, and what does not fill '
            'one is dropped. Lower train_dataloader.batch_size, or set '
            'train_dataloader.drop_last=False'
        )


def remove_validation(cfg: Config) -> None:
    """Takes validation, and what asks for its metrics, out of a config."""
    for key in ('val_cfg', 'val_dataloader', 'val_evaluator'):
        cfg[key] = None
    hooks = cfg.get('custom_hooks') or []
    cfg.custom_hooks = [hook for hook in hooks if hook.get('type') != 'EarlyStoppingHook']
    if checkpoint := cfg.get('default_hooks', {}).get('checkpoint'):
        checkpoint.pop('save_best', None)


def check_validation(runner: Runner) -> None:
    """Opens the validation set now, and not after the first epochs.

    Raises:
        DataError: If it is missing or bad; says how to train without.
    """
    try:
        _ = runner.val_loop  # builds it
    except DataError as error:
        raise DataError(
            f'the validation set: {error}\nTo train without validation, pass --no-validate.'
        ) from error


def train_parser(prog: str | None = None) -> CommandParser:
    """The parser of the command."""
    parser = run_parser(__doc__, prog)
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='continue from this checkpoint; without a value, from the newest complete one in the '
        'work directory',
    )
    add_amp(parser)
    parser.add_argument(
        '--auto-scale-lr', action='store_true', help='scale the learning rate to the batch size'
    )
    parser.add_argument(
        '--no-validate', action='store_true', help='train without validation, and without its data'
    )
    return parser


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = train_parser(prog)
    return train(parser, parser.parse_args(argv))


def train(parser: CommandParser, args: argparse.Namespace) -> int:
    """Trains; returns the exit status.

    Args:
        parser: :func:`train_parser`, which ends the command where arguments do not fit the config.
        args: What it read.
    """
    keeps_memory = not torch.cuda.is_available() and keep_freed_memory()
    with process_group():
        cfg = load_run_config(args, 'train')
        check_epochs(cfg)
        if args.no_validate:
            remove_validation(cfg)
        if args.auto_scale_lr:
            if not cfg.get('auto_scale_lr'):
                parser.error(
                    f'--auto-scale-lr: {args.config} does not say for which batch its learning '
                    'rate is; add auto_scale_lr=dict(base_batch_size=...)'
                )
            cfg.auto_scale_lr.enable = True
        if checkpoint := args.resume or (cfg.get('resume') and (cfg.get('load_from') or 'auto')):
            resume(cfg, checkpoint)  # MMEngine would trust what the file last_checkpoint says
        check_weights(cfg)
        runner = QuietRunner.from_cfg(cfg)
        check_steps(runner)
        check_validation(runner)
        if keeps_memory:
            runner.register_hook(TrimMemoryHook())
        runner.train()
    return 0
