"""ReCon++'s reconstruction: both Chamfer distances, and colors."""

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from recon_mm.ops import gather_points, nearest_pairs
from recon_mm.registry import MODELS


@MODELS.register_module()
class GenerationHead(BaseModule):
    """Generates the points of patches, relative to their centers, and their colors.

    The gradient of a distance of zero is zero, where the release has an infinite one.

    Args:
        embed_dims: Token width C.
        group_size: Points per patch, K.
        channels: Numbers per point: 3, or 6 with colors.
        color_loss: Whether colors, where there are some, have a loss: not in fine-tuning.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self,
        embed_dims: int = 384,
        group_size: int = 32,
        channels: int = 3,
        color_loss: bool = True,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.group_size, self.channels = group_size, channels
        self.color_loss = color_loss and channels > 3
        self.fc = nn.Linear(embed_dims, channels * group_size)

    def forward(self, tokens: Tensor) -> Tensor:
        """``(B, M, C)`` to points ``(B, M, K, channels)``."""
        return self.fc(tokens).unflatten(-1, (self.group_size, self.channels))

    def loss(self, tokens: Tensor, target: Tensor) -> dict[str, Tensor]:
        """``loss_chamfer_l1``, ``loss_chamfer_l2``, ``loss_color``; the sum is 'reconstruct'.

        A color is compared with that of the nearest true point, by SmoothL1 (beta 1, mean).

        Args:
            tokens: ``(B, M, C)``.
            target: The true points ``(B, M, K, channels)``.
        """
        generated, target = self(tokens).flatten(0, 1).float(), target.flatten(0, 1)
        pairs = nearest_pairs(generated[..., :3], target[..., :3])
        losses = {f'loss_chamfer_{norm}': pairs.distance(norm) for norm in ('l1', 'l2')}
        if self.color_loss:
            colors = gather_points(target[..., 3:], pairs.in_target)
            losses['loss_color'] = F.smooth_l1_loss(generated[..., 3:], colors)
        return losses
