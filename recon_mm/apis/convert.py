"""Converts checkpoints of the authors' release to this package, and back.

recon-mm convert recon_base.pth converted.pth
python tools/model_converters/convert_release.py converted.pth theirs.pth --to-release

Reads pretraining, fine-tuned and part segmentation files of ReCon, and those of Point-MAE and of
others that kept its names, where the weights fit. Converting is not needed for loading: models
read these files directly. It is for passing a file on, and for seeing what is in it.
"""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import recon_mm
from recon_mm.models import (
    CausalReConPPTransformer,
    ReConPPTransformer,
    ReConTransformer,
    release_reconpp,
)
from recon_mm.models.checkpoint import (
    Architecture,
    check_fits,
    own_names,
    own_tensors,
    read_architecture,
    shorten,
    unwrap,
)
from recon_mm.models.release import to_release
from recon_mm.utils.commands import CommandParser, command
from recon_mm.utils.safe_checkpoint import load_from_file

from .models import init_model


def convert_release(
    path: Path, output: Path, release: bool = False, config: str | None = None
) -> None:
    """Writes a checkpoint with other names, and prints which of its weights a model uses.

    Args:
        path: A checkpoint of this package, of ReCon's release, or of Point-MAE.
        output: The checkpoint to write.
        release: Whether to write the authors' names, not this package's.
        config: Compare with the model of this config; by default with a backbone only.

    Raises:
        ValueError: If the file holds no such backbone, or does not fit the config's model.
    """
    checkpoint = load_from_file(path)
    weights, unknown = own_names(unwrap(checkpoint))
    architecture = read_architecture(weights, 'backbone.')
    if architecture is None:
        raise ValueError(
            f'{path} holds no backbone of ReCon or Point-MAE: its names are '
            f'{shorten(unwrap(checkpoint) or checkpoint)}'
        )
    print(f'{path}: {architecture}')
    model = init_model(config, device='cpu') if config else backbone_like(architecture)
    try:
        report(weights, own_tensors(model), unknown)
    except ValueError as error:
        raise ValueError(f'{path} does not fit: {error}') from error
    meta = dict(converted_from=path.name, recon_mm_version=recon_mm.__version__)
    written = release_file(weights) if release else dict(meta=meta, state_dict=weights)
    torch.save(written, output)
    print(f'Written: {output}')


def backbone_like(architecture: Architecture) -> nn.Module:
    """A model with nothing but a backbone of this width and depth, to compare names with."""
    sizes = (architecture.embed_dims, architecture.depth)
    with torch.device('meta'):
        if architecture.plus is None:
            backbone = ReConTransformer(*sizes, num_heads=1)
        else:
            options: dict[str, Any] = dict(architecture.plus)
            causal, mlp_dims = options.pop('causal'), options.pop('mlp_dims')
            backbone = (CausalReConPPTransformer if causal else ReConPPTransformer)(
                *sizes,
                num_heads=1,
                mlp_ratio=mlp_dims / architecture.embed_dims,
                global_tokens=dict(queries=options.pop('queries')),
                **options,
            )
    return nn.ModuleDict(dict(backbone=backbone))


def report(weights: dict[str, Tensor], own: dict[str, Tensor], unknown: list[str]) -> None:
    """Prints which weights of the file the model uses, lacks and does not know.

    Raises:
        ValueError: If the architectures differ.
    """
    check_fits(weights, own, 'backbone.')
    common = weights.keys() & own.keys()
    fits = {name for name in common if weights[name].shape == own[name].shape}
    counts = {name for name in own if name.endswith('num_batches_tracked')}  # no weight
    print_names('used', fits)
    print_names('with a different shape', common - fits)
    print_names('missing in the file', own.keys() - weights.keys() - counts)
    print_names('not in the model compared with', weights.keys() - own.keys())
    print_names('not understood, left out', unknown)


def print_names(title: str, names: Collection[str]) -> None:
    """Prints one line per part of the model."""
    print(f'{title}: {len(names)}')
    parts: dict[str, list[str]] = {}
    for name in sorted(names):
        parts.setdefault('.'.join(name.split('.')[:2]), []).append(name)
    for part, members in parts.items():
        print(f'    {members[0] if len(members) == 1 else f"{part}.* ({len(members)})"}')


def release_file(weights: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """The file as the authors' code expects it for the task of these weights."""
    fine_tuned = any(name.startswith('head.') for name in weights)
    if 'backbone.global_query' in weights:
        renamed, unknown = release_reconpp.to_release(weights)
    else:
        renamed, unknown = to_release(weights, '' if fine_tuned else 'MAE_encoder.')
    print_names('without a name in the release, left out', unknown)
    segmentation = any(name.startswith('convs1.') for name in renamed)
    return {'model_state_dict' if segmentation else 'base_model': renamed}


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Reads, compares, writes; returns the exit status."""
    parser = CommandParser(__doc__, prog)
    parser.add_argument('input', type=Path, help='checkpoint to read')
    parser.add_argument('output', type=Path, help='checkpoint to write')
    parser.add_argument('--to-release', action='store_true', help="to the authors' names")
    parser.add_argument(
        '--config', help='compare with the model of this config; by default with a backbone alone'
    )
    args = parser.parse_args(argv)
    convert_release(args.input, args.output, args.to_release, args.config)
    return 0
