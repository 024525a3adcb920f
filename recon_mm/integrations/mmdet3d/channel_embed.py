"""Embeds what scene points carry besides coordinates: height, color, intensity."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from recon_mm.models.layers import SyncBatchNorm


class ChannelEmbed(nn.Module):
    """Maps further channels of a patch's points to what is added to the patch's token.

    One layer per point on its offset and its channels, the maximum over the patch, one layer to
    the token. The last layer starts at zero: a pretrained backbone, which has seen coordinates
    only, starts unchanged.

    Args:
        in_channels: Channels per point besides its coordinates.
        embed_dims: Token width C.
        hidden_dims: Width between the two layers.
    """

    def __init__(self, in_channels: int, embed_dims: int, hidden_dims: int = 128) -> None:
        super().__init__()
        self.fc1 = nn.Linear(3 + in_channels, hidden_dims)
        self.norm = SyncBatchNorm(hidden_dims)
        self.fc2 = nn.Linear(hidden_dims, embed_dims)
        nn.init.zeros_(self.fc2.weight)
        nn.init.zeros_(self.fc2.bias)

    def forward(self, neighborhood: Tensor, channels: Tensor) -> Tensor:
        """What to add to the tokens.

        Args:
            neighborhood: ``(B, G, K, 3)``, relative to the centers.
            channels: ``(B, G, K, in_channels)`` of the same points.

        Returns:
            ``(B, G, C)``.
        """
        points = torch.cat([neighborhood, channels.to(neighborhood.dtype)], dim=-1)
        hidden = F.relu(self.norm(self.fc1(points)), inplace=True)
        return self.fc2(hidden.amax(2))
