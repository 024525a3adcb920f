"""Image teacher CLIP."""

import torch
from torch import nn

from recon_mm.registry import MODELS
from recon_mm.utils.optional import require

from .clip import CLIPTeacher, build_clip
from .image_teacher import ImageEncoder, ImageTeacher


@MODELS.register_module()
class CLIPImageTeacher(CLIPTeacher, ImageTeacher):
    """CLIP's image tower, the image teacher for zero-shot use.

    Args: those of :class:`CLIPTeacher`.

    Example:
        >>> teacher = CLIPImageTeacher('ViT-B-32-quickgelu', pretrained='openai')
        >>> teacher(dict(images=torch.zeros(2, 3, 224, 224, dtype=torch.uint8))).shape
        torch.Size([2, 512])
    """

    def build_network(self, device: torch.device) -> nn.Module:
        """The image tower; the text tower is not kept."""
        visual = build_clip(self.model_name, self.pretrained).visual
        settings = require('open_clip', 'teachers').get_model_preprocess_cfg(visual)
        return ImageEncoder(visual, _pair(settings['size']), settings['mean'], settings['std'])


def _pair(size: int | tuple[int, int] | list[int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (size[0], size[1])
