"""Takes the place of a teacher whose features come with the data."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from recon_mm.registry import MODELS

from .base import require_input


@MODELS.register_module()
class CachedTeacher(nn.Module):
    """Returns an input of the model: features that the pipeline read from disk.

    Args:
        feature_dims: Width D of the stored features (ViT-B/16: 768, CLIP ViT-B/32: 512).
        input_key: Which input: the ``key`` of ``LoadTeacherFeatures``.
        encoder: Config of the text teacher that the features are from. It is built where names of
            classes are encoded, not in training.
    """

    def __init__(
        self,
        feature_dims: int,
        input_key: str = 'image_features',
        encoder: dict | None = None,
    ) -> None:
        super().__init__()
        self.encoder_cfg = encoder
        self.feature_dims = feature_dims
        self.input_key = input_key

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """Target features of a batch.

        Returns:
            ``(B, D)`` float32, or ``(B, T, D)`` where the data has several rows per sample.

        Raises:
            KeyError: If the batch has no such input.
            ValueError: If the width of the features differs.
        """
        features = require_input(inputs, self.input_key, type(self).__name__)
        if features.dim() not in (2, 3) or features.shape[-1] != self.feature_dims:
            raise ValueError(
                f"inputs['{self.input_key}'] is {tuple(features.shape)}, expected "
                f'(B, {self.feature_dims}) or (B, rows, {self.feature_dims}): the features were '
                'made with a different teacher'
            )
        return features.to(torch.float32)

    def class_features(self, classes: Sequence[str]) -> Tensor:
        """``(num_classes, D)`` of names, for zero-shot classification.

        Raises:
            ValueError: If it is not known what encodes text, or that gives features of another
                width.
        """
        if self._encoder is None:
            raise ValueError(
                'these features are read from disk, and nothing says what encodes names of '
                "classes: give this teacher encoder=dict(type='SentenceTransformerTeacher'), or "
                'whatever the stored features are from'
            )
        features = self._encoder.class_features(classes)
        if features.shape[1] != self.feature_dims:
            raise ValueError(
                f'the encoder gives {features.shape[1]} numbers, the stored features have '
                f'{self.feature_dims}: set encoder to the teacher that they are from'
            )
        return features

    @cached_property
    def _encoder(self) -> Any:
        return self.encoder_cfg and MODELS.build(self.encoder_cfg)


@MODELS.register_module()
class CachedImageTeacher(CachedTeacher):
    """The name of :class:`CachedTeacher` in older configs."""
