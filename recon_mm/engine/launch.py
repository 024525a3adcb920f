"""What the command-line tools share: their arguments, and a config that any machine can run."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
import torch.distributed as dist
from mmengine.config import Config, DictAction


def tool_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser with the arguments that training and test have in common."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='path of the config')
    parser.add_argument('--work-dir', help='where logs, checkpoints and pictures go')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='overrides, as key=value'
    )
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    return parser


def load_config(args: argparse.Namespace) -> Config:
    """The config of the command line, with its overrides, launcher and work directory."""
    cfg = Config.fromfile(args.config)
    _set_launcher(cfg, args.launcher)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    default_dir = cfg.get('work_dir') or f'work_dirs/{Path(args.config).stem}'
    cfg.work_dir = args.work_dir or default_dir
    return cfg


def _set_launcher(cfg: Config, launcher: str) -> None:
    """Makes several processes work on a machine without a GPU, too.

    MMEngine's distributed start assumes one CUDA device for each process. Without any, processes
    talk through gloo, and the model wrapper is told of no device.
    """
    cfg.launcher = launcher
    if launcher == 'none' or torch.cuda.is_available():
        return
    cfg.env_cfg.dist_cfg = {'backend': 'gloo'}
    cfg.model_wrapper_cfg = {
        'type': 'MMDistributedDataParallel',
        'device_ids': None,
        'broadcast_buffers': False,
    }
    if launcher == 'pytorch' and not dist.is_initialized():
        dist.init_process_group('gloo')


@contextmanager
def process_group() -> Iterator[None]:
    """Leaves the process group in order: without it an exit can abort in a thread of gloo."""
    try:
        yield
    finally:
        if dist.is_available() and dist.is_initialized():
            dist.destroy_process_group()
