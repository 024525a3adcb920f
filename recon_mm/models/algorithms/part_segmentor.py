"""Part and scene segmentation with a pretrained backbone."""

from typing import Any

import torch
from torch import Tensor

from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

from ..backbones import ReConPPTransformer, TokenFeatures
from ..heads import PartSegHead
from ..necks import FeaturePropagation
from .base import PointModel


@MODELS.register_module()
class PartSegmentor(PointModel):
    """Backbone, upsampling to the points, and a head on every point (paper section 5.2).

    Points may have channels after their coordinates (colors of a scene): the backbone sees the
    coordinates only, or as many channels as it was built for, so that pretrained weights fit, and
    the neck joins all channels to each point. Where the head has categories, ``inputs`` have
    ``category`` int64 ``(B,)``.

    Modes: ``'tensor'`` gives logits ``(B, N, classes)``; ``'loss'`` reads ``gt_part``;
    ``'predict'`` gives samples with ``pred_part``.

    Args:
        backbone: Config of :class:`ReConTransformer` or :class:`ReConPPTransformer`;
            ``out_indices`` names the blocks whose tokens are joined, (3, 7, 11) in the paper.
        neck: Config of :class:`FeaturePropagation`.
        head: Config of :class:`PartSegHead`.
        **kwargs: Those of :class:`PointModel`. Batch transforms of ``data_preprocessor`` must
            keep the order of the points: labels are not transformed.

    Raises:
        ValueError: If the neck was built for a number of levels that differs from the backbone's.
    """

    def __init__(self, backbone: dict, neck: dict, head: dict, **kwargs: Any) -> None:
        super().__init__(backbone, **kwargs)
        self.neck: FeaturePropagation = self.build_part(neck)
        self.head: PartSegHead = self.build_part(head, point_dims=self.neck.out_dims)
        if isinstance(self.backbone, ReConPPTransformer):
            self.backbone.global_norm.requires_grad_(False)  # nothing reads its output here
        levels = len(self.backbone.out_indices)
        if levels != self.neck.num_levels:
            raise ValueError(
                f'the backbone gives tokens of {levels} blocks (out_indices), the neck expects '
                f'num_levels={self.neck.num_levels}'
            )

    def forward_tensor(self, inputs: dict[str, Tensor]) -> Tensor:
        """Logits ``(B, N, classes)``."""
        points = inputs['points']
        features = self.backbone(points[..., : self.backbone.channels])
        tokens = torch.cat(features.levels, dim=2)  # (B, G, levels * C)
        point_features = self.neck(points, features.center, tokens)
        cloud_feature = self.cloud_feature(features, tokens)
        return self.head(point_features, cloud_feature, inputs.get('category'))

    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[PointDataSample] | None = None
    ) -> dict[str, Tensor]:
        """Cross entropy of every point, and the accuracy of the batch."""
        return self.head.loss(self.forward_tensor(inputs), data_samples)

    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[PointDataSample] | None = None
    ) -> list[PointDataSample]:
        """Samples with ``pred_part``."""
        logits = self.forward_tensor(inputs)
        return self.head.predict(logits, inputs.get('category'), data_samples)

    @staticmethod
    def cloud_feature(features: TokenFeatures, tokens: Tensor) -> Tensor:
        """``(B, (2 * levels + 1) * C)``: the features that all points of a cloud share.

        The global tokens enter as the last block leaves them, without the norm: as in the release.
        """
        global_token = features.unnormed_global_tokens.amax(1)
        return torch.cat([tokens.amax(1), tokens.mean(1), global_token], dim=1)
