"""Packs the clouds of ShapeNet55 into one memory-mapped store, which training reads fastest.

    python tools/dataset_converters/pack_shapenet55.py data/ShapeNet55-34

writes the folder shapenet_packed beside the folder shapenet_pc (5.2 GB for all 52,470 shapes), and
compares every cloud with its source. Interrupted in any way, even killed, the same command
continues where it stopped. If the store exists, it is compared with the sources again.
Train with configs/recon/pretrain_shapenet_packed.py (docs/performance.md).
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from recon_mm.datasets import ShapeNet55
from recon_mm.datasets.packing import pack_clouds
from recon_mm.utils.commands import CommandParser, command
from recon_mm.utils.progress import counting_bar


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = CommandParser(__doc__)
    parser.add_argument('data_root', type=Path, help='the folder ShapeNet55-34')
    parser.add_argument(
        '--lists', nargs='+', default=['train.txt', 'test.txt'], help='below ShapeNet-55/'
    )
    parser.add_argument('--out', type=Path, help='default: DATA_ROOT/shapenet_packed')
    parser.add_argument('--workers', type=int, default=8, help='threads that read files')
    return parser.parse_args(argv)


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs the command; returns the exit status."""
    args = parse_args(argv)
    out = args.out or args.data_root / 'shapenet_packed'
    dataset = ShapeNet55(str(args.data_root), ann_files=args.lists)
    infos = (dataset.get_data_info(index) for index in range(len(dataset)))
    files = list(dict.fromkeys(Path(info['points_path']) for info in infos))
    with counting_bar() as bar:
        tasks = {stage: bar.add_task(stage, total=len(files)) for stage in ('pack', 'compare')}
        packed_now = pack_clouds(
            out, files, args.workers, lambda stage, count: bar.advance(tasks[stage], count)
        )
    print(
        f'{out}: {len(files)} shapes, {"packed and " if packed_now else "was there, "}equal to the '
        'sources'
    )
    return 0


if __name__ == '__main__':
    sys.exit(main())
