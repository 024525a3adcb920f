"""Patch embedding as 1x1 convolutions over all points of all patches."""

import torch
from torch import Tensor, nn


class PlainPatchEmbed(nn.Module):
    """``(B, G, K, 3)`` to ``(B, G, C)``."""

    def __init__(self, embed_dims: int) -> None:
        super().__init__()
        self.first_conv = nn.Sequential(
            nn.Conv1d(3, 128, 1), nn.BatchNorm1d(128), nn.ReLU(), nn.Conv1d(128, 256, 1)
        )
        self.second_conv = nn.Sequential(
            nn.Conv1d(512, 512, 1), nn.BatchNorm1d(512), nn.ReLU(), nn.Conv1d(512, embed_dims, 1)
        )

    def forward(self, neighborhood: Tensor) -> Tensor:
        """Tokens of all patches."""
        batch, num_groups, group_size, _ = neighborhood.shape
        groups = neighborhood.reshape(batch * num_groups, group_size, 3).transpose(1, 2)
        points = self.first_conv(groups)  # (B G, 256, K)
        maximum = points.max(dim=2, keepdim=True).values  # (B G, 256, 1)
        joined = torch.cat([maximum.expand(-1, -1, group_size), points], dim=1)  # (B G, 512, K)
        tokens = self.second_conv(joined).max(dim=2).values  # (B G, C)
        return tokens.reshape(batch, num_groups, -1)
