"""Tests a checkpoint: ``python tools/test.py CONFIG CHECKPOINT``.

The metrics of the config's ``test_evaluator`` decide what is reported: accuracy, part or scene
IoU, linear SVM, zero-shot. ``--tta`` votes over augmented copies of every cloud; with ``--seeds``
the test is repeated and reported as mean and standard deviation, never as its best run.
"""

import argparse
import json
from pathlib import Path

from mmengine.config import Config, ConfigDict, DictAction
from mmengine.runner import Runner

import recon_mm  # noqa: F401 - creates the registries
from recon_mm.engine.launch import prepare_launcher, process_group


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='path of the config')
    parser.add_argument('checkpoint', help="path of the checkpoint; 'none' for untrained weights")
    parser.add_argument('--work-dir', help='where logs and pictures go')
    parser.add_argument('--out', help='also write the figures to this JSON file')
    parser.add_argument('--tta', action='store_true', help="vote, as the config's tta_model says")
    parser.add_argument(
        '--seeds', nargs='+', type=int, default=[0], help='repeat the test with these seeds'
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
    cfg.load_from = None if args.checkpoint == 'none' else args.checkpoint
    if args.tta:
        if 'tta_model' not in cfg:
            raise SystemExit(f'--tta: {args.config} has no tta_model, so it has no voting protocol')
        cfg.model = ConfigDict(**cfg.tta_model, module=cfg.model)
    if args.tta or len(args.seeds) > 1:
        cfg.test_cfg = dict(type='SeededTestLoop', seeds=args.seeds)
    return cfg


def main() -> None:
    """Tests."""
    args = parse_args()
    with process_group():
        runner = Runner.from_cfg(load_config(args))
        metrics = runner.test()
        if args.out and runner.rank == 0:
            Path(args.out).write_text(json.dumps(metrics, indent=2) + '\n')


if __name__ == '__main__':
    main()
