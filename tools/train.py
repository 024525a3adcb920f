"""Trains a model from a config: ``python tools/train.py configs/recon/pretrain_shapenet.py``."""

import argparse
from pathlib import Path

from mmengine.config import Config, DictAction
from mmengine.runner import Runner

import recon_mm  # noqa: F401 - creates the registries
from recon_mm.engine import find_resumable_checkpoint
from recon_mm.engine.launch import prepare_launcher, process_group


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='path of the config')
    parser.add_argument('--work-dir', help='where logs and checkpoints go')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='continue from this checkpoint; without a value, from the newest whole one in the '
        'work directory',
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision in bfloat16')
    parser.add_argument(
        '--auto-scale-lr', action='store_true', help='scale the learning rate to the batch size'
    )
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='overrides, as key=value'
    )
    parser.add_argument('--launcher', choices=['none', 'pytorch', 'slurm', 'mpi'], default='none')
    return parser.parse_args()


def load_config(args: argparse.Namespace) -> Config:
    """The config with the command line's choices in it."""
    cfg = Config.fromfile(args.config)
    prepare_launcher(cfg, args.launcher)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    default_dir = cfg.get('work_dir') or f'work_dirs/{Path(args.config).stem}'
    cfg.work_dir = args.work_dir or default_dir
    if args.amp:
        cfg.optim_wrapper.type = 'BFloat16OptimWrapper'
    if args.auto_scale_lr:
        cfg.auto_scale_lr.enable = True
    if args.resume:
        resume(cfg, args.resume)
    return cfg


def resume(cfg: Config, checkpoint: str) -> None:
    """Makes the run continue from a checkpoint, or start anew where there is none yet."""
    path = find_resumable_checkpoint(cfg.work_dir) if checkpoint == 'auto' else Path(checkpoint)
    if path is None:
        print(f'{cfg.work_dir} holds no checkpoint yet: training starts from the beginning')
        return
    cfg.load_from, cfg.resume = str(path), True


def main() -> None:
    """Trains."""
    args = parse_args()
    with process_group():
        Runner.from_cfg(load_config(args)).train()


if __name__ == '__main__':
    main()
