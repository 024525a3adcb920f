"""Cross-modal contrast: global tokens learn the feature of a frozen teacher."""

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from recon_mm.registry import MODELS

from ..layers import init_linear_projection


@MODELS.register_module()
class CrossModalHead(BaseModule):
    """Linear projection of global tokens, SmoothL1 to the teacher's feature (paper, eq. 5).

    Args:
        embed_dims: Token width C.
        feature_dims: Width D of the teacher's feature.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self, embed_dims: int = 384, feature_dims: int = 768, init_cfg: dict | None = None
    ) -> None:
        super().__init__(init_cfg)
        self.fc = nn.Linear(embed_dims, feature_dims)
        init_linear_projection(self)

    def forward(self, tokens: Tensor) -> Tensor:
        """``(B, n, C)`` to ``(B, n, D)``."""
        return self.fc(tokens)

    def loss(self, tokens: Tensor, target: Tensor) -> Tensor:
        """SmoothL1 (beta 1, mean) between each projection and ``target`` ``(B, D)``.

        Raises:
            ValueError: If the width of the teacher's feature differs from that of this head.
        """
        prediction = self(tokens)  # (B, n, D)
        if prediction.shape[::2] != target.shape:
            raise ValueError(
                f'the head predicts {tuple(prediction.shape[::2])} and the teacher gives '
                f"{tuple(target.shape)}; set the head's feature_dims to {target.shape[-1]}"
            )
        return F.smooth_l1_loss(prediction, target[:, None].expand_as(prediction))
