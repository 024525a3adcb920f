"""Attention: how much each global token reads from each place of a cloud."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from recon_mm.models.backbones import PointBackbone, TokenFeatures
from recon_mm.models.layers import CrossAttention
from recon_mm.ops import three_interpolate

from .colored_cloud import ColoredCloud, plain_cloud, valued_cloud


@torch.no_grad()
def read_attention(
    backbone: PointBackbone, points: Tensor, block: int = -1
) -> tuple[Tensor, TokenFeatures]:
    """Runs a backbone and reads the attention of its global tokens in one block.

    Args:
        backbone: In eval mode.
        points: ``(B, N, channels)``, prepared as in training, on its device.
        block: Which block, negative from the end.

    Returns:
        Attention ``(B, T, G)``, the mean over the heads, of sum 1 over the patches; and the
        features, whose ``center`` ``(B, G, 3)`` are the places of the patches.

    Raises:
        ValueError: If there is no such block.
    """
    layers = [part for part in backbone.modules() if isinstance(part, CrossAttention)]
    depth = len(layers)
    if not -depth <= block < depth:
        raise ValueError(f'block {block}: the backbone has {depth}, 0 to {depth - 1}')
    kept: list[Tensor] = []
    layer = layers[block]
    handle = layer.register_forward_pre_hook(partial(_keep_weights, kept))
    try:
        features = backbone(points)
    finally:
        handle.remove()
    return kept[0].float().mean(1), features


def _keep_weights(kept: list[Tensor], layer: nn.Module, inputs: tuple[Tensor, Tensor]) -> None:
    assert isinstance(layer, CrossAttention)
    kept.append(layer.weights(*inputs))


def token_names(backbone: PointBackbone) -> list[str]:
    """A name for each of the T global tokens: its group, numbered where the group has several."""
    names = []
    for name, place in backbone.global_slices.items():
        count = place.stop - place.start
        names += [name] if count == 1 else [f'{name} {i + 1}' for i in range(count)]
    return names


def attention_clouds(
    points: np.ndarray,
    center: np.ndarray,
    attention: np.ndarray,
    names: Sequence[str],
    title: str = '',
) -> list[ColoredCloud]:
    """The cloud, then one picture per global token; a value of 1 is what a uniform one would give.

    Between the centers of the patches the values are interpolated.

    Args:
        points: ``(N, 3)``, y up.
        center: Centers of the patches ``(G, 3)``.
        attention: ``(T, G)``, of sum 1 over the patches.
        names: Of the T tokens.
        title: The name of the cloud.
    """
    per_patch = torch.as_tensor(attention.T * len(center), dtype=torch.float32)[None]  # (1, G, T)
    places, centers = (torch.as_tensor(cloud).float()[None] for cloud in (points, center))
    values = three_interpolate(places, centers, per_patch)[0].T.numpy()  # (T, N)
    unit = 'attention, 1 = uniform'
    return [
        plain_cloud(points, title or 'input'),
        *(valued_cloud(points, value, unit, name) for name, value in zip(names, values)),
    ]
