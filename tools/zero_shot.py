"""Finds the class names that fit your own clouds best, without any training.

python tools/zero_shot.py configs/recon/zeroshot_modelnet40.py CHECKPOINT \
    --classes mug "office chair" lamp --points scan1.ply scan2.npy
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from recon_mm.apis import ZeroShotClassifier
from recon_mm.apis.command_line import command, config_parser, load_config


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = config_parser(__doc__)
    parser.add_argument('checkpoint', help="path of the checkpoint; 'none' for untrained weights")
    parser.add_argument('--classes', nargs='+', required=True, help='names of the classes')
    parser.add_argument(
        '--points', nargs='+', required=True, help='files: .npy, text, or meshes and clouds (.ply)'
    )
    parser.add_argument('--top', type=int, default=3, help='how many classes to print per cloud')
    parser.add_argument('--out', help='also write all similarities to this JSON file')
    parser.add_argument('--device', help='e.g. cpu, cuda:1')
    return parser.parse_args(argv)


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Classifies; returns the exit status."""
    args = parse_args(argv)
    cfg = load_config(args)
    checkpoint = None if args.checkpoint == 'none' else args.checkpoint
    results = ZeroShotClassifier(cfg, checkpoint, args.classes, args.device)(args.points)
    for path, result in zip(args.points, results):
        best = list(result['similarities'].items())[: args.top]
        print(f'{path}: ' + ', '.join(f'{name} ({cosine:.3f})' for name, cosine in best))
    if args.out:
        named = dict(zip(args.points, results))
        Path(args.out).write_text(json.dumps(named, indent=1) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
