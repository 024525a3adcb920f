"""Takes the place of a teacher whose features come with the data."""

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
    """

    def __init__(self, feature_dims: int, input_key: str = 'image_features') -> None:
        super().__init__()
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


@MODELS.register_module()
class CachedImageTeacher(CachedTeacher):
    """The name of :class:`CachedTeacher` in older configs."""
