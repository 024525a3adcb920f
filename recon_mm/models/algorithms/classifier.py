"""Classification of clouds with a pretrained backbone, in the paper's three protocols."""

from typing import Literal

from mmengine.model import BaseModel
from torch import Tensor

from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

from ..backbones import ReConTransformer
from ..checkpoint import register_checkpoint_reader
from ..heads import PointClsHead
from ..layers import SyncBatchNorm


@MODELS.register_module()
class PointClassifier(BaseModel):
    """Backbone and classification head (paper section 5.1).

    Start from pretrained weights by ``load_from`` or by
    ``init_cfg=dict(type='Pretrained', checkpoint=...)``: checkpoints of this package and the
    authors' files are both read, and what only pretraining needs is left out.

    Args:
        backbone: Config of :class:`ReConTransformer`.
        head: Config of :class:`PointClsHead`; its ``layers`` follow from the protocol.
        protocol: What is trained. ``'full'``: everything, with the three-layer head. ``'mlp3'``
            and ``'linear'``: the head (three layers, one layer), ``cls_token`` and ``cls_pos``;
            the rest is frozen.
        frozen_norm_eval: Whether batch normalization in the frozen part uses the statistics it
            was pretrained with, so that this part computes the same in training and test.
            ``False`` is the release's way: the running statistics move to the new data, although
            no weight does.
        data_preprocessor: Config of :class:`PointDataPreprocessor`.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self,
        backbone: dict,
        head: dict,
        protocol: Literal['full', 'mlp3', 'linear'] = 'full',
        frozen_norm_eval: bool = True,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor or dict(type='PointDataPreprocessor'), init_cfg)
        if protocol not in ('full', 'mlp3', 'linear'):
            raise ValueError(f"protocol must be 'full', 'mlp3' or 'linear', found {protocol!r}")
        self.protocol = protocol
        self.frozen_norm_eval = frozen_norm_eval
        self.backbone: ReConTransformer = MODELS.build(backbone)
        layers = 'linear' if protocol == 'linear' else 'mlp3'
        self.head: PointClsHead = MODELS.build(dict(layers=layers, **head))
        if protocol != 'full':
            for name, parameter in self.backbone.named_parameters():
                parameter.requires_grad_(name in ('cls_token', 'cls_pos'))
        register_checkpoint_reader(self)

    def train(self, mode: bool = True) -> 'PointClassifier':
        """Training mode; batch normalization of a frozen backbone may stay in eval mode."""
        super().train(mode)
        if self.protocol != 'full' and self.frozen_norm_eval:
            for module in self.backbone.modules():
                if isinstance(module, SyncBatchNorm):
                    module.eval()
        return self

    def forward(
        self,
        inputs: dict[str, Tensor],
        data_samples: list[PointDataSample] | None = None,
        mode: Literal['tensor', 'loss', 'predict'] = 'tensor',
    ) -> Tensor | dict[str, Tensor] | list[PointDataSample]:
        """MMEngine's three modes.

        Args:
            inputs: ``points`` ``(B, N, 3)``.
            data_samples: One per cloud; ``'loss'`` reads ``gt_label``.
            mode: ``'tensor'``: logits ``(B, classes)``; ``'loss'``: the loss; ``'predict'``:
                samples with ``pred_label`` and ``pred_score``.
        """
        feature = self.backbone(inputs['points']).classification_feature()
        if mode == 'loss':
            return self.head.loss(feature, data_samples)
        if mode == 'tensor':
            return self.head(feature)
        if mode == 'predict':
            return self.head.predict(self.head(feature), data_samples)
        raise ValueError(f"mode must be 'tensor', 'loss' or 'predict', found {mode!r}")
