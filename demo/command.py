"""Writes a small, seeded set of parametric objects in the layouts of the real data sets.

python tools/dataset_converters/make_demo_data.py                      # all, to data/demo
python tools/dataset_converters/make_demo_data.py --sets shapenet55 --shapes-per-category 4 2
"""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

from demo import LAYOUTS, Counts, make_demo_data
from recon_mm.utils.commands import CommandParser, command


def parse_args(argv: Sequence[str] | None, prog: str | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = CommandParser(__doc__, prog)
    parser.add_argument('--out', default='data/demo', help='the data root to write (RECON_DATA)')
    parser.add_argument('--seed', type=int, default=0, help='decides every shape')
    parser.add_argument(
        '--sets', nargs='+', choices=list(LAYOUTS), default=list(LAYOUTS), help='which to write'
    )
    parser.add_argument(
        '--shapes-per-category',
        nargs=2,
        type=int,
        metavar=('TRAIN', 'TEST'),
        help="instead of each set's default (few-shot: 20 or more to train on; s3dis: none)",
    )
    parser.add_argument(
        '--workers', type=int, default=os.cpu_count() or 1, help='processes (default: all cores)'
    )
    parser.add_argument('--overwrite', action='store_true', help='replace existing demo data')
    return parser.parse_args(argv)


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Writes the data; returns the exit status."""
    args = parse_args(argv, prog)
    counts = Counts(*args.shapes_per_category) if args.shapes_per_category else None
    start = time.perf_counter()
    folders = make_demo_data(
        args.out,
        args.sets,
        seed=args.seed,
        counts=counts,
        workers=args.workers,
        overwrite=args.overwrite,
        progress=True,
    )
    for folder in folders.values():
        files = [file for file in Path(folder).rglob('*') if file.is_file()]
        size = sum(file.stat().st_size for file in files)
        print(f'{folder}: {len(files)} files, {size / 1e6:.1f} MB')
    print(f'{time.perf_counter() - start:.0f} s. Use it: export RECON_DATA={args.out}')
    return 0
