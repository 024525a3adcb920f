"""Classification: the feature of a cloud to class scores (paper section 5.1)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample, samples_for, stack_field

from ..layers import SyncBatchNorm, init_linear_truncated


@MODELS.register_module()
class PointClsHead(BaseModule):
    """One linear layer, or three with batch normalization and dropout between them.

    Args:
        embed_dims: Token width C.
        num_classes: Number of classes.
        layers: ``'linear'`` or ``'mlp3'``.
        hidden_dims: Width between the layers of ``'mlp3'``.
        dropout: Dropout after each hidden layer of ``'mlp3'``.
        num_global_tokens: Number of global tokens T; the head reads ``(T + 1) C``, these tokens and
            the maximum over patches.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self,
        embed_dims: int = 384,
        num_classes: int = 40,
        layers: Literal['linear', 'mlp3'] = 'mlp3',
        hidden_dims: int = 256,
        dropout: float = 0.5,
        num_global_tokens: int = 3,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if layers not in ('linear', 'mlp3'):
            raise ValueError(f"layers must be 'linear' or 'mlp3', found {layers!r}")
        self.num_classes = num_classes
        hidden = [hidden_dims] * 2 if layers == 'mlp3' else []
        widths = [(num_global_tokens + 1) * embed_dims, *hidden]
        parts: list[nn.Module] = []
        for width, next_width in pairwise(widths):
            parts += [
                nn.Linear(width, next_width),
                SyncBatchNorm(next_width),
                nn.ReLU(inplace=True),
                nn.Dropout(dropout),
            ]
        # Numbered as in the release's checkpoints, which hold the same sequence.
        self.layers = nn.Sequential(*parts, nn.Linear(widths[-1], num_classes))
        init_linear_truncated(self)

    def forward(self, feature: Tensor) -> Tensor:
        """``(B, (T + 1) C)`` to logits ``(B, num_classes)``."""
        return self.layers(feature)

    def loss(
        self, logits: Tensor, data_samples: Sequence[PointDataSample] | None
    ) -> dict[str, Tensor]:
        """Cross entropy with ``gt_label``, and the accuracy of the batch in percent."""
        target = stack_field(data_samples or (), 'gt_label', logits.device).flatten()  # (B,)
        hits = logits.argmax(1) == target
        return dict(loss=F.cross_entropy(logits, target), accuracy=100 * hits.float().mean())

    def predict(
        self, logits: Tensor, data_samples: list[PointDataSample] | None = None
    ) -> list[PointDataSample]:
        """Samples with ``pred_score`` (probabilities) and ``pred_label``."""
        data_samples = samples_for(data_samples, logits)
        scores = logits.float().softmax(1)
        labels = torch.argmax(logits, dim=1, keepdim=True)
        for sample, score, label in zip(data_samples, scores, labels):
            sample.set_field(score, 'pred_score')
            sample.set_field(label, 'pred_label')
        return data_samples
