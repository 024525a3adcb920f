"""Computes a teacher's features of K augmented views of every training sample, once.

    recon-mm cache recon/pretrain_shapenet --views 8 --out features/
    python tools/cache_teacher_features.py configs/recon/pretrain_shapenet.py --views 8 \
        --out data/ShapeNet55-34/teacher_features

Training then reads them with ``LoadTeacherFeatures`` and ``CachedTeacher`` (docs/teachers.md).
Interrupted in any way, even killed, the same command continues where it stopped.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmengine.device import get_device

from .command_line import command, config_parser, load_config
from .teacher_features import DTYPES, compute_teacher_features


def parse_args(argv: Sequence[str] | None, prog: str | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = config_parser(__doc__, prog)  # of a pretraining with a live image teacher
    parser.add_argument('--views', type=int, required=True, help='augmented views per sample (K)')
    parser.add_argument('--out', type=Path, required=True, help='folder to write')
    parser.add_argument('--modality', default='image', help='whose teacher')
    parser.add_argument('--dtype', choices=DTYPES, default='float16', help='how to store features')
    parser.add_argument('--batch-size', type=int, default=64, help='images at a time')
    parser.add_argument('--num-workers', type=int, default=4, help='processes that load images')
    parser.add_argument('--seed', type=int, default=0, help='seed of the augmentation')
    parser.add_argument('--device', default=get_device(), help='where the teacher computes')
    args = parser.parse_args(argv)
    for name in ('views', 'batch_size'):
        if getattr(args, name) < 1:
            parser.error(f'--{name.replace("_", "-")} is {getattr(args, name)}, must be at least 1')
    return args


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs the command; returns the exit status."""
    args = parse_args(argv, prog)
    compute_teacher_features(
        load_config(args),
        args.out,
        args.views,
        args.modality,
        args.dtype,
        args.seed,
        args.batch_size,
        args.num_workers,
        args.device,
    )
    return 0
