"""Prepares shapes for training: points, rendered views, sentences, splits.

    recon-mm prepare FOLDER --out OUT
    recon-mm prepare FOLDER --out OUT --shard 3/16    one of sixteen jobs, on any machine
    recon-mm prepare --out OUT --join                 after the last of them

FOLDER is <category>/<name>.<ext>, or files without categories, or has a list shapes.csv with the
columns path, category, caption, split (docs/own_data.md). Interrupted in any way, even killed, the
same command continues where it stopped. Files that cannot be read are skipped and listed in
OUT/report.csv; look at OUT/thumbnails.png.
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from recon_mm.datasets.shape_files import AXES, NUM_POINTS
from recon_mm.utils.progress import counting_bar

from .command_line import CommandParser, command, read_shard
from .prepare_shapes import ALL, join_shapes, prepare_shapes
from .prepare_state import Options


def parse_args(argv: Sequence[str] | None, prog: str | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = CommandParser(__doc__, prog)
    parser.add_argument('folder', nargs='?', help='the shapes')
    parser.add_argument('--out', type=Path, required=True, help='the folder to write')
    parser.add_argument('--list', help='a CSV file below FOLDER (default: shapes.csv if there)')
    parser.add_argument('--views', type=int, default=4, help='pictures per shape')
    parser.add_argument('--points', type=int, default=NUM_POINTS, help='points per shape')
    parser.add_argument(
        '--up', choices=list(AXES), default='y', help='axis that points up in FOLDER: z, or --up=-z'
    )
    parser.add_argument('--bin-columns', type=int, default=4, help='numbers per point in .bin')
    parser.add_argument('--val', type=float, default=0.15, help='share of the validation split')
    parser.add_argument('--test', type=float, default=0.0, help='share of the test split')
    parser.add_argument('--seed', type=int, default=0, help='of points, directions and splits')
    parser.add_argument('--workers', type=int, default=os.cpu_count() or 1, help='processes')
    parser.add_argument('--shard', type=read_shard, help='prepare only one part, e.g. 3/16')
    parser.add_argument('--join', action='store_true', help='list what all shards have prepared')
    args = parser.parse_args(argv)
    if bool(args.folder) == args.join or (args.join and args.shard):
        parser.error('name a FOLDER; to join shards, --join and no folder')
    low = {'views': 0, 'points': 32, 'bin_columns': 3, 'workers': 1, 'seed': 0}
    for name, least in low.items():
        if getattr(args, name) < least:
            parser.error(f'--{name.replace("_", "-")} is {getattr(args, name)}, at least {least}')
    if min(args.val, args.test) < 0 or args.val + args.test >= 1:
        parser.error(f'--val {args.val} and --test {args.test}: shares that leave some to train on')
    return args


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs the command; returns the exit status, 0 if anything was prepared."""
    args = parse_args(argv, prog)
    if not args.join:
        options = Options(
            source=str(Path(args.folder).resolve()),
            ann_file=args.list,
            views=args.views,
            num_points=args.points,
            up=args.up,
            bin_columns=args.bin_columns,
            val=args.val,
            test=args.test,
            seed=args.seed,
        )
        with counting_bar() as bar:
            task = bar.add_task('shapes', total=None)
            prepared, skipped = prepare_shapes(
                args.out,
                options,
                args.shard or ALL,
                args.workers,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
        if args.shard:
            print(
                f'{args.out}: shard {args.shard.index} of {args.shard.count}: {prepared} shapes '
                f'prepared, {skipped} skipped; --join lists them when all shards are done'
            )
            return 0
    count, report = join_shapes(args.out)
    for path, status, reason in report[:20]:
        print(f'{status}: {path}: {reason}')
    if len(report) > 20:
        print(f'... and {len(report) - 20} more')
    print(f'{args.out}: {count} shapes; {len(report)} remarks in report.csv; see thumbnails.png')
    return 0
