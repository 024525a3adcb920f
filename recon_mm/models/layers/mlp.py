"""The feed-forward part of every transformer block."""

from torch import Tensor, nn


class Mlp(nn.Module):
    """Linear, GELU, Linear.

    Args:
        embed_dims: Width C of input and output.
        hidden_dims: Width between the two layers.
    """

    def __init__(self, embed_dims: int, hidden_dims: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(embed_dims, hidden_dims)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(hidden_dims, embed_dims)

    def forward(self, tokens: Tensor) -> Tensor:
        """``(B, L, C)`` to ``(B, L, C)``."""
        return self.fc2(self.act(self.fc1(tokens)))
