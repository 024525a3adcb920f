"""What the commands share: their arguments, and the config that these make."""

import argparse

from mmengine.config import Config, DictAction

from recon_mm.engine.launch import set_launcher
from recon_mm.utils.shipped import find_config


def config_parser(description: str | None, prog: str | None = None) -> argparse.ArgumentParser:
    """A parser with the arguments of every command that takes a config."""
    parser = argparse.ArgumentParser(
        prog=prog,
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'config', help="path of the config, or its name in the package: 'recon/pretrain_shapenet'"
    )
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='overrides, as key=value'
    )
    return parser


def run_parser(description: str | None, prog: str | None = None) -> argparse.ArgumentParser:
    """A parser with the arguments that training and test have in common."""
    parser = config_parser(description, prog)
    parser.add_argument('--work-dir', help='where logs, checkpoints and pictures go')
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    parser.add_argument(  # set by the torch.distributed.launch that mim calls
        '--local-rank', '--local_rank', type=int, default=0, help=argparse.SUPPRESS
    )
    return parser


def load_run_config(args: argparse.Namespace) -> Config:
    """The config of the command line, with its overrides, launcher and work directory.

    Args:
        args: What :func:`run_parser` read.

    Raises:
        SystemExit: If there is no such config; says which are nearest.
    """
    try:
        path = find_config(args.config)
    except FileNotFoundError as error:
        raise SystemExit(str(error)) from error
    cfg = Config.fromfile(path)
    set_launcher(cfg, args.launcher)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    cfg.work_dir = args.work_dir or cfg.get('work_dir') or f'work_dirs/{path.stem}'
    return cfg
