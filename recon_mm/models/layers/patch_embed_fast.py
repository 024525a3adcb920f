"""The patch embedding with a third of its multiplications; its plain form is in ``patch_embed``."""

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor

from recon_mm.ops import gather_points

from .moments import joined_moments

if TYPE_CHECKING:
    from .batch_norm import SyncBatchNorm
    from .patch_embed import PatchEmbed


def embed_patches(layer: 'PatchEmbed', neighborhood: Tensor, wanted: Tensor | None) -> Tensor:
    """What ``PatchEmbed.forward_plain`` computes, with its layers in a different order.

    - The layer after the join is split by columns. Its half on the maximum is computed once per
      group. Its half on the point follows a linear layer (128 → 256) with nothing between them,
      so both are one linear layer 128 → 512, whose weight is their product.
    - The batch normalization after it needs its output's mean and variance only, which follow from
      those of the 128 numbers; it then is a factor on the weights. So the output itself is
      computed for the wanted patches alone, in training as in eval mode.

    Args:
        layer: Its weights.
        neighborhood: ``(B, G, K, ch)``.
        wanted: int64 ``(B, V)``, or ``None`` for all groups.

    Returns:
        ``(B, V, C)``.
    """
    hidden = layer.hidden(neighborhood)  # (B, G, K, 128)
    last = layer.last_point_fc
    on_group, on_point = layer.group_fc1.weight.split(last.out_features, dim=1)
    on_hidden = on_point @ last.weight  # (512, 128)
    bias = layer.group_fc1.bias + on_point @ last.bias
    points = last(hidden)  # (B, G, K, 256)
    group = points.max(2).values if torch.is_grad_enabled() else points.amax(2)
    group = F.linear(group, on_group, bias)  # (B, G, 512)
    mean, variance = _statistics(layer.group_norm, hidden, on_hidden, group)
    scale = layer.group_norm.weight * torch.rsqrt(variance + layer.group_norm.eps)
    group = (group - mean) * scale + layer.group_norm.bias
    if wanted is not None:
        group = gather_points(group, wanted)
        hidden = gather_points(hidden.flatten(2), wanted).unflatten(2, hidden.shape[2:])
    joined = F.linear(hidden, on_hidden * scale[:, None])  # (B, V, K, 512)
    joined += group.unsqueeze(2)
    return layer.group_fc2(F.relu(joined, inplace=True))


def _statistics(
    norm: 'SyncBatchNorm', hidden: Tensor, weight: Tensor, group: Tensor
) -> tuple[Tensor, Tensor]:
    """Mean and variance ``(512,)`` that the normalization uses."""
    if not norm.training:
        assert norm.running_mean is not None and norm.running_var is not None
        return norm.running_mean, norm.running_var
    mean, variance, count = joined_moments(hidden.flatten(0, 1), weight, group.flatten(0, 1))
    norm.track(mean, variance, count)
    return mean, variance
