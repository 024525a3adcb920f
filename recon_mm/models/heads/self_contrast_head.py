"""Single-modal contrast between the clouds of a batch, over all processes."""

import torch
import torch.distributed as dist
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from recon_mm.registry import MODELS

from ..layers import SyncBatchNorm, init_linear_projection
from ..layers.collectives import gather_rows, world_size


def self_contrast_loss(
    embedding: Tensor, category: Tensor, temperature: float, rows: slice
) -> Tensor:
    """Cross entropy of the mean positive against every negative (paper, eq. 4).

    Samples of one category are positives of each other; each is also its own positive.

    Args:
        embedding: ``(B, D)``, of unit length.
        category: int64 ``(B,)``.
        temperature: Divides the similarities.
        rows: The samples whose loss is averaged.
    """
    similarity = embedding[rows] @ embedding.T  # (b, B)
    positive = category[rows, None] == category[None]  # (b, B)
    mean_positive = (similarity * positive).sum(1) / positive.sum(1)  # (b,)
    negatives = (similarity / temperature).masked_fill(positive, float('-inf'))
    mean_positive = mean_positive / temperature
    logits = torch.cat([mean_positive[:, None], negatives], dim=1)  # (b, 1 + B)
    return (logits.logsumexp(1) - mean_positive).mean()


@MODELS.register_module()
class SelfContrastHead(BaseModule):
    """Projects the 3D token and contrasts it between clouds of different categories.

    Args:
        embed_dims: Token width C.
        hidden_dims: Width D of the projection.
        temperature: Divides the cosine similarities.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self,
        embed_dims: int = 384,
        hidden_dims: int = 128,
        temperature: float = 0.1,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.temperature = temperature
        self.fc1 = nn.Linear(embed_dims, hidden_dims)
        self.norm1 = SyncBatchNorm(hidden_dims)
        self.fc2 = nn.Linear(hidden_dims, hidden_dims)
        self.norm2 = SyncBatchNorm(hidden_dims)
        init_linear_projection(self)

    def forward(self, token: Tensor) -> Tensor:
        """``(B, C)`` to unit vectors ``(B, D)``, float32."""
        hidden = self.norm2(self.fc2(F.relu(self.norm1(self.fc1(token)))))
        return F.normalize(hidden.float(), dim=1)

    def loss(self, token: Tensor, category: Tensor) -> Tensor:
        """Mean loss of this process's clouds against those of all processes.

        Args:
            token: ``(B, C)`` 3D tokens.
            category: int64 ``(B,)``.
        """
        rank = dist.get_rank() if world_size() > 1 else 0
        rows = slice(rank * len(token), (rank + 1) * len(token))
        # In float32: clouds differ by less than bfloat16 resolves, and the norms amplify that.
        with torch.autocast(token.device.type, enabled=False):
            embedding = self(token.to(self.fc1.weight.dtype))
            return self_contrast_loss(
                gather_rows(embedding), gather_rows(category), self.temperature, rows
            )
