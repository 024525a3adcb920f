"""Writes a trained backbone for use without this package.

    python tools/deployment/export_backbone.py CONFIG CHECKPOINT --out backbone.pt2
    python tools/deployment/export_backbone.py CONFIG CHECKPOINT --out backbone.onnx

A .pt2 file is read by torch.export.load(path).module(); a .onnx file by any ONNX runtime. Both take
"points" (B, N, 3), centered and scaled to radius 1, and give "global_tokens" (B, 3, C),
"patch_tokens" (B, G, C) and "center" (B, G, 3). The file is compared with the backbone before the
command ends (docs/performance.md).
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from recon_mm.apis import init_model
from recon_mm.apis.command_line import command, config_parser, load_config
from recon_mm.apis.export import compare_onnx, compare_program, export_backbone, export_onnx


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = config_parser(__doc__)
    parser.add_argument('checkpoint', help="its weights, or 'none' for untrained ones")
    parser.add_argument('--out', type=Path, required=True, help='a name that ends in .pt2 or .onnx')
    parser.add_argument('--num-points', type=int, default=1024, help='points of every cloud')
    parser.add_argument('--batch-size', type=int, help='clouds per batch; default: any number')
    args = parser.parse_args(argv)
    if args.out.suffix not in ('.pt2', '.onnx'):
        parser.error(f'--out is {args.out}, expected a name that ends in .pt2 or .onnx')
    return args


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs the command; returns the exit status."""
    args = parse_args(argv)
    checkpoint = None if args.checkpoint == 'none' else args.checkpoint
    backbone = init_model(load_config(args), checkpoint, 'cpu').backbone
    points = torch.rand(args.batch_size or 3, args.num_points, 3)
    if args.out.suffix == '.onnx':
        export_onnx(backbone, args.out, args.num_points, args.batch_size)
        error = compare_onnx(backbone, args.out, points)
    else:
        torch.export.save(export_backbone(backbone, args.num_points, args.batch_size), args.out)
        error = compare_program(backbone, args.out, points)
    print(f'{args.out}: {args.out.stat().st_size / 1e6:.1f} MB, largest difference {error:.1e}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
