"""Converts checkpoints of the authors' release to this package, and back.

Reads pretraining, fine-tuned and part segmentation files of ReCon, and those of Point-MAE and of
others that kept its names, where the weights fit. Converting is not needed for loading: models
read these files by themselves. It is for passing a file on, and for seeing what is in it.
"""

import argparse
import sys
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor, nn

import recon_mm
from recon_mm.models import ReConTransformer
from recon_mm.models.checkpoint import (
    check_fits,
    own_names,
    own_tensors,
    read_architecture,
    shorten,
    unwrap,
)
from recon_mm.models.release import to_release
from recon_mm.registry import MODELS


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('input', type=Path, help='checkpoint to read')
    parser.add_argument('output', type=Path, help='checkpoint to write')
    parser.add_argument('--to-release', action='store_true', help="to the authors' names")
    parser.add_argument(
        '--config', help='compare with the model of this config; by default with a backbone alone'
    )
    return parser.parse_args()


def main() -> None:
    """Reads, compares, writes."""
    args = parse_args()
    checkpoint = torch.load(args.input, map_location='cpu', weights_only=True)
    weights, unknown = own_names(unwrap(checkpoint))
    architecture = read_architecture(weights, 'backbone.')
    if architecture is None:
        sys.exit(
            f'{args.input} holds no backbone of ReCon or Point-MAE: its names are '
            f'{shorten(unwrap(checkpoint) or checkpoint)}'
        )
    print(f'{args.input}: {architecture}')
    model = configured_model(args.config) if args.config else backbone_like(architecture)
    try:
        report(weights, own_tensors(model), unknown)
    except ValueError as error:
        sys.exit(f'{args.input} does not fit: {error}')
    written = (
        release_file(weights)
        if args.to_release
        else dict(
            meta=dict(converted_from=args.input.name, recon_mm_version=recon_mm.__version__),
            state_dict=weights,
        )
    )
    torch.save(written, args.output)
    print(f'Written: {args.output}')


def configured_model(path: str) -> nn.Module:
    """The model of a config."""
    init_default_scope('recon_mm')
    return MODELS.build(Config.fromfile(path).model)


def backbone_like(architecture: tuple[int, int, bool]) -> nn.Module:
    """A model with nothing but a backbone of this width and depth, to compare names with."""
    embed_dims, depth, _ = architecture
    with torch.device('meta'):
        backbone = ReConTransformer(embed_dims, depth, num_heads=1)
    return nn.ModuleDict(dict(backbone=backbone))


def report(weights: dict[str, Tensor], own: dict[str, Tensor], unknown: list[str]) -> None:
    """Prints what of the file the model uses, lacks and does not know.

    Raises:
        ValueError: If the architectures differ.
    """
    check_fits(weights, own, 'backbone.')
    common = weights.keys() & own.keys()
    fits = {name for name in common if weights[name].shape == own[name].shape}
    counts = [name for name in own if name.endswith('num_batches_tracked')]  # no weight
    print_names('used', fits)
    print_names('of another shape', common - fits)
    print_names('missing in the file', own.keys() - weights.keys() - set(counts))
    print_names('not in the model compared with', weights.keys() - own.keys())
    print_names('not understood, left out', unknown)


def print_names(title: str, names: set[str] | list[str]) -> None:
    """One line for each part of the model."""
    print(f'{title}: {len(names)}')
    parts: dict[str, list[str]] = {}
    for name in sorted(names):
        parts.setdefault('.'.join(name.split('.')[:2]), []).append(name)
    for part, members in parts.items():
        print(f'    {members[0] if len(members) == 1 else f"{part}.* ({len(members)})"}')


def release_file(weights: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """The file as the authors' code expects it for what the weights are."""
    fine_tuned = any(name.startswith('head.') for name in weights)
    renamed, unknown = to_release(weights, '' if fine_tuned else 'MAE_encoder.')
    print_names('without a name in the release, left out', unknown)
    segmentation = any(name.startswith('convs1.') for name in renamed)
    return {'model_state_dict' if segmentation else 'base_model': renamed}


if __name__ == '__main__':
    main()
