"""Computes a teacher's features of K augmented views of every training sample, once.

    python tools/cache_teacher_features.py configs/recon/pretrain_shapenet.py --views 8 \
        --out data/ShapeNet55-34/teacher_features

Training then reads them with ``LoadTeacherFeatures`` and ``CachedTeacher`` (docs/teachers.md).
Interrupted in any way, even killed, the same command continues where it stopped.
"""

import argparse
import sys
from pathlib import Path

from mmengine.config import Config, DictAction
from mmengine.device import get_device

from recon_mm.apis.teacher_features import DTYPES, compute_teacher_features
from recon_mm.datasets import DataError


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='pretraining config with a live image teacher')
    parser.add_argument('--views', type=int, required=True, help='augmented views per sample (K)')
    parser.add_argument('--out', type=Path, required=True, help='folder to write')
    parser.add_argument('--modality', default='image', help='whose teacher')
    parser.add_argument('--dtype', choices=DTYPES, default='float16', help='how to store features')
    parser.add_argument('--batch-size', type=int, default=64, help='images at a time')
    parser.add_argument('--num-workers', type=int, default=4, help='processes that load images')
    parser.add_argument('--seed', type=int, default=0, help='seed of the augmentation')
    parser.add_argument('--device', default=get_device(), help='where the teacher computes')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='KEY=VALUE in config')
    args = parser.parse_args()
    for name in ('views', 'batch_size'):
        if getattr(args, name) < 1:
            parser.error(f'--{name.replace("_", "-")} is {getattr(args, name)}, must be at least 1')
    return args


def main() -> int:
    """Runs the command; returns the exit status."""
    options = vars(parse_args())
    cfg = Config.fromfile(options.pop('config'))
    cfg.merge_from_dict(options.pop('cfg_options') or {})
    try:
        compute_teacher_features(cfg, num_views=options.pop('views'), **options)
    except DataError as error:
        print(f'cache_teacher_features: {error}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
