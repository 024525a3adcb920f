"""Contrast of clouds with the features of a teacher, over the clouds of all processes."""

import math

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn

from recon_mm.registry import MODELS

from ..layers.collectives import gather_rows, world_size
from .cross_modal_head import CrossModalHead


@MODELS.register_module()
class InfoNCEHead(CrossModalHead):
    """Each cloud finds its own target among those of all clouds, and each target its cloud.

    ``contrast_type: simclr`` of ReCon++'s release, which there is an attempt that cannot run: the
    symmetric cross entropy of ``scale * a b^T`` with a learned scale, as in CLIP. ``a`` is the
    mean of the projected tokens, ``b`` that of the target's rows, both of unit length. Clouds
    without a target (rows of zeros) take no part.

    Args:
        embed_dims: Token width C.
        feature_dims: Width D of the teacher's features.
        temperature: The inverse of the first scale.
        weight: Factor on the loss.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self,
        embed_dims: int = 384,
        feature_dims: int = 1280,
        temperature: float = 0.07,
        weight: float = 1.0,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(embed_dims, feature_dims, init_cfg)
        self.weight = weight
        self.log_scale = nn.Parameter(torch.tensor(-math.log(temperature)))

    def forward(self, tokens: Tensor) -> Tensor:
        """``(B, Q, C)`` to unit vectors ``(B, Q, D)``, float32."""
        return F.normalize(self.fc(tokens).float(), dim=-1)

    def loss(self, tokens: Tensor, target: Tensor) -> Tensor:
        """Mean over this process's clouds; the processes' mean is that of one with all clouds.

        Args:
            tokens: ``(B, Q, C)``.
            target: ``(B, T, D)``, or ``(B, D)`` for one row.
        """
        rows = target.unsqueeze(1) if target.dim() == 2 else target
        with torch.autocast(tokens.device.type, enabled=False):
            cloud = F.normalize(self(tokens.to(self.fc.weight.dtype)).mean(1), dim=-1)
            feature = F.normalize(F.normalize(rows.float(), dim=-1).sum(1), dim=-1)
            first = len(cloud) * (dist.get_rank() if world_size() > 1 else 0)
            clouds, features = gather_rows(cloud), gather_rows(feature)
            has_target = (features != 0).any(-1)  # (all,)
            own = torch.arange(first, first + len(cloud), device=cloud.device)
            scale = self.log_scale.exp().clamp(max=100)
            loss = cloud.new_zeros(len(cloud))
            for left, right in ((cloud, features), (feature, clouds)):
                logits = (scale * left @ right.T).masked_fill(~has_target, -1e9)
                loss = loss + F.cross_entropy(logits, own, reduction='none') / 2
        share = has_target.sum().clamp(min=1) / world_size()
        return self.weight * (loss * has_target[own]).sum() / share
