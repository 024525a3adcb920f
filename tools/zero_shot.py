"""Finds the class names that fit your own clouds best, without any training.

python tools/zero_shot.py configs/recon/zeroshot_modelnet40.py CHECKPOINT \
    --classes mug "office chair" lamp --points scan1.ply scan2.npy
"""

import argparse
import json
from pathlib import Path

from mmengine.config import Config, DictAction

import recon_mm  # noqa: F401 - creates the registries
from recon_mm.apis import ZeroShotClassifier


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='path of a zero-shot config')
    parser.add_argument('checkpoint', help="path of the checkpoint; 'none' for untrained weights")
    parser.add_argument('--classes', nargs='+', required=True, help='names of the classes')
    parser.add_argument(
        '--points', nargs='+', required=True, help='files: .npy, text, or meshes and clouds (.ply)'
    )
    parser.add_argument('--top', type=int, default=3, help='how many classes to print per cloud')
    parser.add_argument('--out', help='also write all similarities to this JSON file')
    parser.add_argument('--device', help='e.g. cpu, cuda:1')
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='overrides, as key=value'
    )
    return parser.parse_args()


def main() -> None:
    """Classifies."""
    args = parse_args()
    cfg = Config.fromfile(args.config)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    checkpoint = None if args.checkpoint == 'none' else args.checkpoint
    results = ZeroShotClassifier(cfg, checkpoint, args.classes, args.device)(args.points)
    for path, result in zip(args.points, results):
        best = list(result['similarities'].items())[: args.top]
        print(f'{path}: ' + ', '.join(f'{name} ({cosine:.3f})' for name, cosine in best))
    if args.out:
        named = dict(zip(args.points, results))
        Path(args.out).write_text(json.dumps(named, indent=1) + '\n')


if __name__ == '__main__':
    main()
