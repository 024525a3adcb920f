"""The command line of ``tools/dataset_converters/make_demo_data.py``."""

import argparse
import os
import sys
import time
from pathlib import Path

from demo import LAYOUTS, Counts, make_demo_data


def parse_args(argv: list[str] | None = None, description: str | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
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


def main(description: str | None = None, argv: list[str] | None = None) -> int:
    """Writes the data; returns the exit status."""
    args = parse_args(argv, description)
    counts = Counts(*args.shapes_per_category) if args.shapes_per_category else None
    start = time.perf_counter()
    try:
        folders = make_demo_data(
            args.out,
            args.sets,
            seed=args.seed,
            counts=counts,
            workers=args.workers,
            overwrite=args.overwrite,
            progress=True,
        )
    except (FileExistsError, ImportError, ValueError) as error:
        print(f'make_demo_data: {error}', file=sys.stderr)
        return 1
    for folder in folders.values():
        files = [file for file in Path(folder).rglob('*') if file.is_file()]
        size = sum(file.stat().st_size for file in files)
        print(f'{folder}: {len(files)} files, {size / 1e6:.1f} MB')
    print(f'{time.perf_counter() - start:.0f} s. Use it: export RECON_DATA={args.out}')
    return 0
