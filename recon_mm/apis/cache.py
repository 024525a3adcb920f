"""Computes a teacher's features of every training sample, once: of images, or of sentences.

    recon-mm cache recon/pretrain_shapenet --views 8 --out features/
    python tools/cache_teacher_features.py configs/recon/pretrain_shapenet.py --views 8 \
        --out data/ShapeNet55-34/teacher_features
    python tools/cache_teacher_features.py configs/recon/pretrain_folder.py --modality text \
        --sentences PREPARED/sentences.json --out PREPARED/features/text

Training then reads them with ``LoadTeacherFeatures`` and ``CachedTeacher`` (docs/teachers.md).
Interrupted in any way, even killed, the same command continues where it stopped. Tasks of a job
array add ``--shard 3/16``; when all are done, ``--join`` in its place makes one of the parts.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmengine.device import get_device

from recon_mm.datasets.storage import FEATURES, join_shards

from .command_line import command, config_parser, load_config, read_shard
from .feature_store import DTYPES, Target
from .teacher_features import compute_teacher_features
from .text_features import compute_text_features, store_table_features


def parse_args(argv: Sequence[str] | None, prog: str | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = config_parser(__doc__, prog)  # of a pretraining with a teacher
    parser.add_argument('--out', type=Path, required=True, help='folder to write')
    parser.add_argument('--modality', default='image', help='whose teacher: image (default), text')
    parser.add_argument(
        '--views',
        type=int,
        help='rows per sample: augmented views of its image, or sentences (default: all it has)',
    )
    parser.add_argument('--sentences', type=Path, help='JSON file: {sample id: [sentence, ...]}')
    parser.add_argument(
        '--table', type=Path, help='.npz file with given features by category, in place of a model'
    )
    parser.add_argument(
        '--table-keys',
        nargs=2,
        default=('names', 'features'),
        metavar=('NAMES', 'FEATURES'),
        help='arrays of the table (default: names features)',
    )
    parser.add_argument(
        '--scale', type=float, default=1.0, help='multiplies the features of the table'
    )
    parser.add_argument('--dtype', choices=DTYPES, default='float16', help='how to store features')
    parser.add_argument('--batch-size', type=int, default=64, help='images, sentences at a time')
    parser.add_argument('--num-workers', type=int, default=4, help='processes that load images')
    parser.add_argument('--seed', type=int, default=0, help='seed of the augmentation')
    parser.add_argument('--device', default=get_device(), help='where the teacher computes')
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument('--shard', type=read_shard, help='one part of the samples, e.g. 3/16')
    parts.add_argument('--join', action='store_true', help='join all parts')
    args = parser.parse_args(argv)
    for name in ('views', 'batch_size'):
        value = getattr(args, name)
        if value is not None and value < 1:
            parser.error(f'--{name.replace("_", "-")} is {value}, must be at least 1')
    return args


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs the command; returns the exit status."""
    args = parse_args(argv, prog)
    if args.join:
        join_shards(args.out, FEATURES)
        print(f'complete: {args.out}')
        return 0
    cfg = load_config(args)
    target = Target(args.out, args.dtype, args.shard)
    if args.table:
        store_table_features(cfg, target, args.table, args.table_keys, args.scale)
    elif args.sentences or args.modality == 'text':
        compute_text_features(
            cfg, target, args.modality, args.sentences, args.views, args.batch_size, args.device
        )
    else:
        compute_teacher_features(
            cfg,
            target,
            args.views,
            args.modality,
            args.seed,
            args.batch_size,
            args.num_workers,
            args.device,
        )
    return 0
