"""Positions of patches: a small network on their centers."""

from torch import nn


class PositionEmbed(nn.Sequential):
    """Center ``(..., 3)`` to position ``(..., C)``: Linear, GELU, Linear.

    Args:
        embed_dims: Token width C.
        hidden_dims: Width between the two layers.
    """

    def __init__(self, embed_dims: int, hidden_dims: int = 128) -> None:
        super().__init__(nn.Linear(3, hidden_dims), nn.GELU(), nn.Linear(hidden_dims, embed_dims))
