"""Classification of clouds with a pretrained backbone, in the paper's three protocols."""

from typing import Any, Literal

from torch import Tensor

from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

from ..heads import PointClsHead
from ..layers import SyncBatchNorm
from .base import PointModel


@MODELS.register_module()
class PointClassifier(PointModel):
    """Backbone and classification head (paper section 5.1).

    Modes: ``'tensor'`` gives logits ``(B, classes)``; ``'loss'`` reads ``gt_label``; ``'predict'``
    gives samples with ``pred_label`` and ``pred_score``.

    Args:
        backbone: Config of :class:`ReConTransformer`.
        head: Config of :class:`PointClsHead`; its ``layers`` follow from the protocol.
        protocol: What is trained. ``'full'``: everything, with the three-layer head. ``'mlp3'``
            and ``'linear'``: the head (three layers, one layer), ``cls_token`` and ``cls_pos``;
            the rest is frozen.
        frozen_norm_eval: Whether batch normalization in the frozen part uses the statistics it
            was pretrained with, so that this part computes the same in training and test.
            ``False`` is as in the release: the running statistics adapt to the new data, although
            no weight does.
        **kwargs: Those of :class:`PointModel`.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        protocol: Literal['full', 'mlp3', 'linear'] = 'full',
        frozen_norm_eval: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(backbone, **kwargs)
        if protocol not in ('full', 'mlp3', 'linear'):
            raise ValueError(f"protocol must be 'full', 'mlp3' or 'linear', found {protocol!r}")
        self.protocol = protocol
        self.frozen_norm_eval = frozen_norm_eval
        layers = 'linear' if protocol == 'linear' else 'mlp3'
        self.head: PointClsHead = self.build_part(head, layers=layers)
        if protocol != 'full':
            for name, parameter in self.backbone.named_parameters():
                parameter.requires_grad_(name in ('cls_token', 'cls_pos'))

    def train(self, mode: bool = True) -> 'PointClassifier':
        """Training mode; batch normalization of a frozen backbone may stay in eval mode."""
        super().train(mode)
        if self.protocol != 'full' and self.frozen_norm_eval:
            for module in self.backbone.modules():
                if isinstance(module, SyncBatchNorm):
                    module.eval()
        return self

    def forward_tensor(self, inputs: dict[str, Tensor]) -> Tensor:
        """Logits ``(B, classes)``."""
        return self.head(self.extract_feat(inputs['points'], 'classification'))

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[PointDataSample] | None = None
    ) -> dict[str, Tensor]:
        """Cross entropy, and the accuracy of the batch."""
        return self.head.loss(self.forward_tensor(inputs), data_samples)

    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[PointDataSample] | None = None
    ) -> list[PointDataSample]:
        """Samples with ``pred_label`` and ``pred_score``."""
        return self.head.predict(self.forward_tensor(inputs), data_samples)
