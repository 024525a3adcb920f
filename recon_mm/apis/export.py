"""Writes a trained backbone for use without this package: ``torch.export`` and ONNX.

recon-mm export recon/pretrain_shapenet CHECKPOINT --out backbone.pt2
python tools/deployment/export_backbone.py CONFIG CHECKPOINT --out backbone.onnx

A .pt2 file is read by torch.export.load(path).module(); a .onnx file by any ONNX runtime. Both take
"points" (B, N, 3), centered and scaled to radius 1, and give "global_tokens" (B, 3, C),
"patch_tokens" (B, G, C) and "center" (B, G, 3). The file is compared with the backbone before the
command ends (docs/performance.md).

Sampling and neighbors are operators of this package, and a loop of data-dependent length in many
others. In an exported program both are plain tensor operations: the loop over samples is unrolled,
once per patch, and neighbors come from all distances.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from recon_mm.models.backbones import ReConTransformer
from recon_mm.utils import require

from .command_line import command, config_parser, load_config
from .models import init_model

OUTPUTS = ('global_tokens', 'patch_tokens', 'center')


class _Tokens(nn.Module):
    """The backbone with plain tensors out, under the names of :data:`OUTPUTS`."""

    def __init__(self, backbone: ReConTransformer) -> None:
        super().__init__()
        self.backbone = backbone

    def forward(self, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        features = self.backbone(points)
        return features.global_tokens, features.patch_tokens, features.center


def _squared_distance(first: Tensor, second: Tensor) -> Tensor:
    return (first.unsqueeze(2) - second.unsqueeze(1)).square().sum(-1)


def _sample(points: Tensor, num_samples: int) -> Tensor:
    """``recon_mm.ops.furthest_point_sample``, unrolled."""
    nearest = torch.full_like(points[..., 0], float('inf'))  # (B, N)
    selected = [torch.zeros_like(points[:, :1, 0], dtype=torch.int64)]  # each (B, 1)
    for _ in range(num_samples - 1):
        last = points.gather(1, selected[-1].unsqueeze(2).expand(-1, -1, 3))  # (B, 1, 3)
        nearest = torch.minimum(nearest, _squared_distance(points, last).squeeze(2))
        selected.append(nearest.argmax(1, keepdim=True))
    return torch.cat(selected, dim=1)


def _nearest(query: Tensor, points: Tensor, k: int) -> Tensor:
    """``recon_mm.ops.knn`` from all distances."""
    return _squared_distance(query, points).topk(k, largest=False)[1]


def export_backbone(
    backbone: ReConTransformer, num_points: int, batch_size: int | None = None
) -> ExportedProgram:
    """The backbone in eval mode as a program of plain tensor operations.

    ``torch.export.save`` writes it; ``torch.export.load(path).module()`` needs torch only.

    Args:
        backbone: A trained backbone.
        num_points: Points of every cloud, N.
        batch_size: Clouds per batch; any number up to 65536 when ``None``.

    Returns:
        A program from float32 ``points`` ``(B, N, 3)``, prepared as for the backbone itself
        (centered, largest radius 1), to ``global_tokens`` ``(B, 3, C)``, ``patch_tokens``
        ``(B, G, C)`` and ``center`` ``(B, G, 3)``.

    Example:
        >>> program = export_backbone(model.backbone, num_points=1024)
        >>> torch.export.save(program, 'backbone.pt2')
    """
    device = next(backbone.parameters()).device
    # More than one cloud: torch.export treats a size of 1 as a constant.
    points = torch.rand(batch_size or 2, num_points, 3, device=device)
    # torch 2.6 requires a maximum for each dynamic dimension.
    dynamic = {'points': {} if batch_size else {0: Dim('batch', max=2**16)}}
    was_training = backbone.training
    with torch.no_grad():
        program = torch.export.export(
            _Tokens(backbone).eval(), (points,), dynamic_shapes=dynamic, strict=False
        )
    backbone.train(was_training)
    ops = torch.ops.recon_mm
    return program.run_decompositions(
        {ops.furthest_point_sample.default: _sample, ops.knn.default: _nearest}
    )


def export_onnx(
    backbone: ReConTransformer, path: str | Path, num_points: int, batch_size: int | None = None
) -> None:
    """Writes the backbone as an ONNX file, for runtimes other than torch.

    Args:
        backbone: A trained backbone.
        path: The file.
        num_points: Points of every cloud.
        batch_size: Clouds per batch; any number when ``None``.

    Raises:
        ImportError: If onnx or onnxscript is missing.
    """
    for module in ('onnx', 'onnxscript'):
        require(module, 'export')
    program: Any = export_backbone(backbone, num_points, batch_size)
    torch.onnx.export(
        program, f=str(path), input_names=['points'], output_names=list(OUTPUTS), dynamo=True
    )


@torch.no_grad()
def compare_program(backbone: ReConTransformer, path: str | Path, points: Tensor) -> float:
    """The largest difference between a written program and the backbone on ``points``."""
    exported = torch.export.load(str(path)).module()(points)
    return _largest_difference(exported, _Tokens(backbone)(points))


@torch.no_grad()
def compare_onnx(backbone: ReConTransformer, path: str | Path, points: Tensor) -> float:
    """The largest difference between a written ONNX file and the backbone on ``points``.

    Raises:
        ImportError: If onnxruntime is missing.
    """
    session = require('onnxruntime', 'export').InferenceSession(str(path))
    found = session.run(list(OUTPUTS), {'points': points.numpy()})
    return _largest_difference(map(torch.from_numpy, found), _Tokens(backbone)(points))


def _largest_difference(found: Iterable[Tensor], expected: Iterable[Tensor]) -> float:
    return max((one - two).abs().max().item() for one, two in zip(found, expected))


def parse_args(argv: Sequence[str] | None, prog: str | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = config_parser(__doc__, prog)
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
    args = parse_args(argv, prog)
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
