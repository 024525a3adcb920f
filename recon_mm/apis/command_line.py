"""What the commands share: their arguments, and the config that these make."""

import argparse
from pathlib import Path
from typing import Any

from mmengine.config import Config, DictAction

from recon_mm.datasets.storage import Shard
from recon_mm.engine.launch import set_launcher
from recon_mm.utils.commands import CommandParser, command
from recon_mm.utils.config import read_config
from recon_mm.utils.safe_checkpoint import find_checkpoint

from .config_checks import override
from .models import find_model

__all__ = ['CommandParser', 'command', 'config_parser', 'load_config', 'load_run_config']


class Overrides(DictAction):
    """``KEY=VALUE`` of the command line, and what is wrong where it is not of that form."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: Any = None) -> None:
        """Adds to the dictionary; ends the command with status 2 where it cannot."""
        for text in values:
            try:
                super().__call__(parser, namespace, [text], option_string)
            except (ValueError, AssertionError):
                reason = 'brackets that do not match' if '=' in text else "no '='"
                parser.error(f"{option_string}: '{text}' has {reason}, expected KEY=VALUE")


def config_parser(description: str | None, prog: str | None = None) -> CommandParser:
    """A parser with the arguments of every command that takes a config."""
    parser = CommandParser(description, prog)
    parser.add_argument(
        'config',
        help="path of the config, or its name in the package: 'recon/pretrain_shapenet'",
    )
    parser.add_argument(
        '--cfg-options', nargs='+', action=Overrides, help='overrides, as key=value'
    )
    return parser


def run_parser(description: str | None, prog: str | None = None) -> CommandParser:
    """A parser with the arguments that training and test have in common."""
    parser = config_parser(description, prog)
    parser.add_argument('--work-dir', help='where logs, checkpoints and pictures go')
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    parser.add_argument(  # set by the torch.distributed.launch that mim calls
        '--local-rank', '--local_rank', type=int, default=0, help=argparse.SUPPRESS
    )
    return parser


def add_amp(parser: CommandParser) -> None:
    """Adds the option of mixed precision; :func:`load_config` follows it."""
    parser.add_argument(
        '--amp', action='store_true', help='mixed precision in bfloat16, where the device has it'
    )


def read_shard(text: str) -> Shard:
    """Reads ``3/16``; what is wrong ends the command with status 2."""
    try:
        return Shard.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def load_config(args: argparse.Namespace) -> Config:
    """The config of the command line, with its overrides.

    Args:
        args: What :func:`config_parser` read, and :func:`add_amp`.

    Raises:
        FileNotFoundError: If there is no such config; says which are nearest.
        ValueError: If it cannot be read, or a key of it or of the overrides is unknown.
    """
    path = find_model(args.config)
    try:
        cfg = read_config(path)
    except Exception as error:  # a config is a program
        cause = error.__cause__ if isinstance(error, ImportError) else None
        raise ValueError(
            f"config '{path}' cannot be read: {type(error).__name__}: {cause or error}"
        ) from error
    override(cfg, args.cfg_options or {})
    if getattr(args, 'amp', False) and 'optim_wrapper' in cfg:
        cfg.optim_wrapper.type = 'recon_mm.BFloat16OptimWrapper'
    return cfg


def load_run_config(args: argparse.Namespace, loop: str) -> Config:
    """The config of a run, with its overrides, launcher and work directory.

    Args:
        args: What :func:`run_parser` read.
        loop: What is run, ``'train'`` or ``'test'``.

    Raises:
        FileNotFoundError: If there is no such config; says which are nearest.
        ValueError: If a key is unknown, or the config has no such loop.
    """
    cfg = load_config(args)
    for key in ('model', f'{loop}_cfg'):
        if cfg.get(key) is None:
            raise ValueError(f'{args.config} has no {key}: it is not made to {loop}')
    set_launcher(cfg, args.launcher)
    name = Path(str(cfg.filename)).stem
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or f'work_dirs/{name}'
    return cfg


def check_weights(cfg: Config) -> None:
    """Looks whether the checkpoint that a run starts from is there, before anything is built.

    Raises:
        FileNotFoundError: If not; names the nearest.
        ValueError: If it is not named by a text.
    """
    if not isinstance(cfg.get('load_from'), (str, type(None))):
        raise ValueError(f'load_from is {cfg.load_from!r}, expected the path of a checkpoint')
    if cfg.get('load_from') and '://' not in cfg.load_from:
        find_checkpoint(cfg.load_from)
