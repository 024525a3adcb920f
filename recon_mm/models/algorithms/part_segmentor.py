"""Segmentation of parts of shapes, and of scenes, with a pretrained backbone."""

from typing import Literal

import torch
from mmengine.model import BaseModel
from torch import Tensor

from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

from ..backbones import ReConTransformer, TokenFeatures
from ..checkpoint import register_checkpoint_reader
from ..heads import PartSegHead
from ..necks import FeaturePropagation


@MODELS.register_module()
class PartSegmentor(BaseModel):
    """Backbone, upsampling to the points, and a head on every point (paper section 5.2).

    Points may have channels after their coordinates (colors of a scene): the backbone sees the
    coordinates only, so that pretrained weights fit, and the neck joins all channels to each
    point.

    Args:
        backbone: Config of :class:`ReConTransformer`; ``out_indices`` names the blocks whose
            tokens are joined, (3, 7, 11) in the paper.
        neck: Config of :class:`FeaturePropagation`.
        head: Config of :class:`PartSegHead`.
        data_preprocessor: Config of :class:`PointDataPreprocessor`; its batch transforms must
            keep every point in its place, labels do not follow.
        init_cfg: MMEngine's initialization config.

    Raises:
        ValueError: If the neck was built for another number of levels than the backbone gives.
    """

    def __init__(
        self,
        backbone: dict,
        neck: dict,
        head: dict,
        data_preprocessor: dict | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(data_preprocessor or dict(type='PointDataPreprocessor'), init_cfg)
        self.backbone: ReConTransformer = MODELS.build(backbone)
        self.neck: FeaturePropagation = MODELS.build(neck)
        self.head: PartSegHead = MODELS.build(head)
        levels = len(self.backbone.out_indices)
        if levels != self.neck.num_levels:
            raise ValueError(
                f'the backbone gives tokens of {levels} blocks (out_indices), the neck expects '
                f'num_levels={self.neck.num_levels}'
            )
        register_checkpoint_reader(self)

    def forward(
        self,
        inputs: dict[str, Tensor],
        data_samples: list[PointDataSample] | None = None,
        mode: Literal['tensor', 'loss', 'predict'] = 'tensor',
    ) -> Tensor | dict[str, Tensor] | list[PointDataSample]:
        """MMEngine's three modes.

        Args:
            inputs: ``points`` ``(B, N, 3 or more)``; ``category`` int64 ``(B,)`` where the head
                has categories.
            data_samples: One per cloud; ``'loss'`` reads ``gt_part``.
            mode: ``'tensor'``: logits ``(B, N, classes)``; ``'loss'``: the loss; ``'predict'``:
                samples with ``pred_part``.
        """
        points, category = inputs['points'], inputs.get('category')
        features = self.backbone(points[..., :3])
        tokens = torch.cat(features.levels, dim=2)  # (B, G, levels * C)
        point_features = self.neck(points, features.center, tokens)
        logits = self.head(point_features, self.cloud_feature(features, tokens), category)
        if mode == 'tensor':
            return logits
        if mode == 'loss':
            return self.head.loss(logits, data_samples)
        if mode == 'predict':
            return self.head.predict(logits, category, data_samples)
        raise ValueError(f"mode must be 'tensor', 'loss' or 'predict', found {mode!r}")

    @staticmethod
    def cloud_feature(features: TokenFeatures, tokens: Tensor) -> Tensor:
        """``(B, (2 * levels + 1) * C)``: what is common to all points of a cloud.

        The global tokens enter as the last block leaves them, without the norm: the release's way.
        """
        global_token = features.unnormed_global_tokens.amax(1)
        return torch.cat([tokens.amax(1), tokens.mean(1), global_token], dim=1)
