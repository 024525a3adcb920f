"""ReCon++'s contrast: queries learn the rows of a teacher that fit them best."""

import torch
import torch.nn.functional as F
from torch import Tensor

from recon_mm.registry import MODELS

from ..layers import match_rows
from .cross_modal_head import CrossModalHead


@MODELS.register_module()
class MatchingHead(CrossModalHead):
    """Projects queries to unit vectors and matches them with the teacher's rows (Hungarian).

    The distance of matched pairs is SmoothL1 (mean over pairs and width), summed over the clouds.
    The release sums over the clouds of one process, whatever their number. With ``clouds`` the
    loss is the mean over clouds times this number: two processes then train as one with twice
    the batch does, and a batch of ``clouds`` per process trains as the release.

    Args:
        embed_dims: Token width C.
        feature_dims: Width D of the teacher's features.
        weight: Factor on the loss.
        clouds: Clouds that the loss stands for; ``None`` for those of the batch, as in the release.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self,
        embed_dims: int = 384,
        feature_dims: int = 1280,
        weight: float = 5.0,
        clouds: int | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(embed_dims, feature_dims, init_cfg)
        self.weight, self.clouds = weight, clouds

    def forward(self, tokens: Tensor) -> Tensor:
        """``(B, Q, C)`` to unit vectors ``(B, Q, D)``, float32."""
        return F.normalize(self.fc(tokens).float(), dim=-1)

    def match(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Rows of ``target`` ``(B, T, D)`` for each query: int64 ``(B, Q)``, -1 where none is left.

        Rows of zeros are no targets.
        """
        similarity = prediction @ F.normalize(target, dim=-1).mT
        return match_rows(similarity.detach(), (target != 0).any(-1))

    def loss(self, tokens: Tensor, target: Tensor) -> Tensor:
        """The weighted loss; a cloud without a target has none (in the release it makes a NaN).

        Args:
            tokens: ``(B, Q, C)``.
            target: ``(B, T, D)``, or ``(B, D)`` for one row.

        Raises:
            ValueError: If the width of the teacher's features differs from that of this head.
        """
        target = target.unsqueeze(1) if target.dim() == 2 else target
        if target.shape[-1] != self.fc.out_features:
            raise ValueError(
                f'the head predicts {self.fc.out_features} numbers and the teacher gives '
                f"{target.shape[-1]}; set the head's feature_dims to {target.shape[-1]}"
            )
        # Outside autocast: unit vectors that are nearly equal decide the assignment.
        with torch.autocast(tokens.device.type, enabled=False):
            prediction, target = self(tokens.to(self.fc.weight.dtype)), target.float()
            row = self.match(prediction, target)  # (B, Q)
            index = row.clamp(min=0)[..., None].expand(-1, -1, target.shape[-1])
            wanted = F.normalize(target, dim=-1).gather(1, index)
            distance = F.smooth_l1_loss(prediction, wanted, reduction='none').mean(-1)  # (B, Q)
            matched = row >= 0
            per_cloud = (distance * matched).sum(1) / matched.sum(1).clamp(min=1)
        clouds = len(per_cloud) if self.clouds is None else self.clouds
        return self.weight * clouds * per_cloud.mean()
