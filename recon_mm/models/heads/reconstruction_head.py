"""Reconstruction: a decoded token to the points of its patch, compared by Chamfer distance."""

from typing import Literal

from mmengine.model import BaseModule
from torch import Tensor, nn

from recon_mm.ops import chamfer_distance
from recon_mm.registry import MODELS

from ..layers import init_linear_truncated


@MODELS.register_module()
class ReconstructionHead(BaseModule):
    """Predicts the points of masked patches, relative to their centers (paper section 4.1).

    Args:
        embed_dims: Token width C.
        group_size: Points per patch, K.
        norm: ``'l2'`` (the release's cdl2, squared distances) or ``'l1'`` (cdl1).
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self,
        embed_dims: int = 384,
        group_size: int = 32,
        norm: Literal['l2', 'l1'] = 'l2',
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.group_size = group_size
        self.norm: Literal['l2', 'l1'] = norm
        self.fc = nn.Linear(embed_dims, 3 * group_size)
        init_linear_truncated(self)

    def forward(self, tokens: Tensor) -> Tensor:
        """``(B, M, C)`` to points ``(B, M, K, 3)``."""
        return self.fc(tokens).unflatten(-1, (self.group_size, 3))

    def loss(self, tokens: Tensor, target: Tensor) -> Tensor:
        """Chamfer distance of the prediction to the true points ``(B, M, K, 3)``."""
        return chamfer_distance(self(tokens).flatten(0, 1), target.flatten(0, 1), self.norm)
