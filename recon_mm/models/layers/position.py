"""Positions of patches: a small network on their centers, or sines of their coordinates."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class PositionEmbed(nn.Sequential):
    """Center ``(..., 3)`` to position ``(..., C)``: Linear, GELU, Linear.

    Args:
        embed_dims: Token width C.
        hidden_dims: Width between the two layers.
    """

    def __init__(self, embed_dims: int, hidden_dims: int = 128) -> None:
        super().__init__(nn.Linear(3, hidden_dims), nn.GELU(), nn.Linear(hidden_dims, embed_dims))


def sine_position(center: Tensor, embed_dims: int) -> Tensor:
    """Position without parameters, as ReCon++ has it: one frequency only, so v and v + 1 coincide.

    For each coordinate v the pair ``sin(2 pi v), cos(2 pi v)``, repeated over a third of the width;
    what the thirds leave is zero.

    Args:
        center: ``(..., 3)``.
        embed_dims: Token width C, 6 at least.

    Returns:
        ``(..., C)``.
    """
    pairs = embed_dims // 3 // 2
    angle = 2 * torch.pi * center.float()
    pair = torch.stack([angle.sin(), angle.cos()], dim=-1)  # (..., 3, 2)
    third = pair.unsqueeze(-2).expand(*pair.shape[:-1], pairs, 2)  # (..., 3, pairs, 2)
    return F.pad(third.flatten(-3), (0, embed_dims - 6 * pairs))


def directions(center: Tensor) -> Tensor:
    """From each center to the next: ``(B, G, 3)``, the first row as it is, the others unit vectors.

    A step between equal centers is zero, with gradient zero.
    """
    step = center[:, 1:] - center[:, :-1]
    return torch.cat([center[:, :1], step / (step.norm(dim=-1, keepdim=True) + 1e-5)], dim=1)
