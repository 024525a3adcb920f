"""Image teacher CLIP."""

import torch
from torch import nn

from recon_mm.registry import MODELS
from recon_mm.utils.optional import require

from .clip import build_clip, clip_feature_dims
from .image_teacher import ImageEncoder, ImageTeacher
from .weights import warn_untrained, weights_id


@MODELS.register_module()
class CLIPImageTeacher(ImageTeacher):
    """CLIP's image tower, the image teacher for zero-shot use.

    Args:
        model_name: A name of open_clip. OpenAI's weights belong to the ``-quickgelu`` variants.
        pretrained: A tag such as ``'openai'``, a weight file of the whole CLIP model, or None for
            untrained weights (tests and demonstrations).

    Example:
        >>> teacher = CLIPImageTeacher('ViT-B-32-quickgelu', pretrained='openai')
        >>> teacher(dict(images=torch.zeros(2, 3, 224, 224, dtype=torch.uint8))).shape
        torch.Size([2, 512])
    """

    def __init__(
        self, model_name: str = 'ViT-B-32-quickgelu', pretrained: str | None = 'openai'
    ) -> None:
        super().__init__()
        self.model_name = model_name
        self.pretrained = pretrained
        if not pretrained:
            warn_untrained(f'{type(self).__name__} {model_name}')

    @property
    def feature_dims(self) -> int:
        """Width of CLIP's image feature, not normalised (512 for ViT-B/32)."""
        return clip_feature_dims(self.model_name)

    def describe(self) -> dict:
        """Type, model and weights."""
        return {
            'type': type(self).__name__,
            'model_name': self.model_name,
            'weights': weights_id(self.pretrained),
        }

    def build_network(self, device: torch.device) -> nn.Module:
        """The image tower; the text tower is not kept."""
        visual = build_clip(self.model_name, self.pretrained).visual
        settings = require('open_clip', 'teachers').get_model_preprocess_cfg(visual)
        return ImageEncoder(visual, _pair(settings['size']), settings['mean'], settings['std'])


def _pair(size: int | tuple[int, int] | list[int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[1])
