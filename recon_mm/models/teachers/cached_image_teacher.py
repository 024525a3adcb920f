"""Stands where an image teacher stood, when its features come with the data."""

import torch
from torch import Tensor, nn

from recon_mm.registry import MODELS

from .base import require_input


@MODELS.register_module()
class CachedImageTeacher(nn.Module):
    """Returns ``inputs['image_features']``, which the pipeline read from a teacher cache.

    Args:
        feature_dims: Width D of the stored features (ViT-B/16: 768, CLIP ViT-B/32: 512).
    """

    def __init__(self, feature_dims: int) -> None:
        super().__init__()
        self.feature_dims = feature_dims

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """Target features of a batch.

        Returns:
            ``(B, D)`` float32.

        Raises:
            KeyError: If the batch has no ``image_features``.
            ValueError: If they are of another width.
        """
        features = require_input(inputs, 'image_features', type(self).__name__)
        if features.dim() != 2 or features.shape[1] != self.feature_dims:
            raise ValueError(
                f"inputs['image_features'] is {tuple(features.shape)}, expected "
                f'(B, {self.feature_dims}): the cache was made with another teacher'
            )
        return features.to(torch.float32)
