"""Trains a model from a config.

recon-mm train recon/pretrain_shapenet
python tools/train.py configs/recon/pretrain_shapenet.py
"""

from collections.abc import Sequence
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner import Runner

from recon_mm.engine import find_resumable_checkpoint
from recon_mm.engine.launch import process_group
from recon_mm.utils.memory import keep_freed_memory

from .command_line import load_run_config, run_parser


def resume(cfg: Config, checkpoint: str) -> None:
    """Makes the run continue from a checkpoint, or start anew where there is none yet."""
    path = find_resumable_checkpoint(cfg.work_dir) if checkpoint == 'auto' else Path(checkpoint)
    if path is None:
        print(f'{cfg.work_dir} holds no checkpoint yet: training starts from the beginning')
        return
    cfg.load_from, cfg.resume = str(path), True


def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs the command; returns the exit status."""
    parser = run_parser(__doc__, prog)
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        help='continue from this checkpoint; without a value, from the newest complete one in the '
        'work directory',
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision in bfloat16')
    parser.add_argument(
        '--auto-scale-lr', action='store_true', help='scale the learning rate to the batch size'
    )
    args = parser.parse_args(argv)
    if not torch.cuda.is_available():
        keep_freed_memory()
    with process_group():
        cfg = load_run_config(args)
        if args.amp:
            cfg.optim_wrapper.type = 'recon_mm.BFloat16OptimWrapper'
        if args.auto_scale_lr:
            cfg.auto_scale_lr.enable = True
        if args.resume:
            resume(cfg, args.resume)
        Runner.from_cfg(cfg).train()
    return 0
