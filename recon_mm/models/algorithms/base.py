"""Base of the models of all tasks: a backbone, MMEngine's three modes, features."""

from abc import abstractmethod
from typing import Any, Literal

from mmengine.model import BaseModel
from torch import Tensor

from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

from ..backbones import PointBackbone, TokenFeatures
from ..build import build_part
from ..checkpoint import register_checkpoint_reader
from ..init_summary import InitSummary


class PointModel(InitSummary, BaseModel):
    """A backbone and what a task adds to it.

    Start from pretrained weights by ``load_from`` or by
    ``init_cfg=dict(type='Pretrained', checkpoint=...)``: checkpoints of this package and the
    authors' files are both read; parts that only pretraining needs are left out.

    Args:
        backbone: Config of :class:`ReConTransformer`, or of ReCon++'s.
        data_preprocessor: Config of :class:`PointDataPreprocessor`.
        init_cfg: MMEngine's initialization config.
    """

    def __init__(
        self, backbone: dict, data_preprocessor: dict | None = None, init_cfg: dict | None = None
    ) -> None:
        super().__init__(data_preprocessor or dict(type='PointDataPreprocessor'), init_cfg)
        self.backbone: PointBackbone = MODELS.build(backbone)
        register_checkpoint_reader(self)

    def build_part(self, cfg: dict | None, **known: Any) -> Any:
        """Builds a neck or head; sizes that its config leaves out are taken from the backbone.

        Args:
            cfg: Its config; ``None`` builds nothing.
            **known: More values for arguments that the config leaves out.
        """
        if cfg is None:
            return None
        backbone = self.backbone
        sizes = dict(
            embed_dims=backbone.embed_dims,
            num_heads=backbone.num_heads,
            num_global_tokens=backbone.num_pooled_tokens,
            num_levels=len(backbone.out_indices),
            group_size=backbone.group_size,
            channels=backbone.channels,
        )
        return build_part(cfg, **sizes, **known)

    def forward(
        self,
        inputs: dict[str, Tensor],
        data_samples: list[PointDataSample] | None = None,
        mode: Literal['tensor', 'loss', 'predict'] = 'tensor',
    ) -> Any:
        """MMEngine's three modes.

        Args:
            inputs: ``points`` ``(B, N, channels)``, and what else the task needs.
            data_samples: One per cloud.
            mode: ``'tensor'``: the network's output; ``'loss'``: the losses; ``'predict'``:
                samples with predictions.

        Raises:
            ValueError: For any other mode.
        """
        if mode == 'tensor':
            return self.forward_tensor(inputs)
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        raise ValueError(f"mode must be 'tensor', 'loss' or 'predict', found {mode!r}")

    @abstractmethod
    def forward_tensor(self, inputs: dict[str, Tensor]) -> Any:
        """The network's output, without loss or post-processing."""

    @abstractmethod
    def loss(
        self, inputs: dict[str, Tensor], data_samples: list[PointDataSample] | None = None
    ) -> dict[str, Tensor]:
        """The losses of one batch."""

    @abstractmethod
    def predict(
        self, inputs: dict[str, Tensor], data_samples: list[PointDataSample] | None = None
    ) -> list[PointDataSample]:
        """Samples with the predictions of one batch."""

    def extract_feat(
        self, inputs: Tensor, stage: Literal['backbone', 'classification', 'probing'] = 'backbone'
    ) -> TokenFeatures | Tensor:
        """Features of clouds that are prepared as in training (centered, largest radius 1).

        Args:
            inputs: Points ``(B, N, channels)``.
            stage: ``'backbone'``: all tokens; ``'classification'``: ``(B, (T + 1) C)``, input of a
                classification head; ``'probing'``: ``(B, 2C)``, for the linear SVM.

        Raises:
            ValueError: If the stage is unknown.
        """
        features = self.backbone(inputs[..., : self.backbone.channels])
        if stage == 'backbone':
            return features
        if stage == 'classification':
            return features.classification_feature()
        if stage == 'probing':
            return features.probing_feature()
        raise ValueError(
            f"stage must be 'backbone', 'classification' or 'probing', found {stage!r}"
        )
