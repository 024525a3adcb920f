"""Steps on the rendered image of a sample; it stays uint8, the teacher normalizes it."""

from typing import Any

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from recon_mm.registry import TRANSFORMS
from recon_mm.utils import require


class _TorchvisionTransform(BaseTransform):
    """Applies a torchvision transform to ``images``, uint8 ``(H, W, 3)``."""

    def __init__(self) -> None:
        self.steps: Any = None

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Replaces ``images``."""
        image = torch.from_numpy(np.ascontiguousarray(results['images'])).permute(2, 0, 1)
        results['images'] = self.steps(image).permute(1, 2, 0).numpy()
        return results


@TRANSFORMS.register_module()
class AugmentImage(_TorchvisionTransform):
    """The authors' image augmentation of pretraining, through torchvision.

    Resize to 256, horizontal flip, random resized crop to 224 with scale 0.64 to 1, RandAugment
    with 2 operations of magnitude 10. Randomness comes from torch's generator of the worker.

    Args:
        size: The side of the result.
        resize: The side the image is resized to first.
        scale: The area of the crop, as a part of the image's.
        num_ops: How many operations RandAugment applies; 0 leaves it out.
        magnitude: How strong they are, of 30.
    """

    def __init__(
        self,
        size: int = 224,
        resize: int = 256,
        scale: tuple[float, float] = (0.64, 1.0),
        num_ops: int = 2,
        magnitude: int = 10,
    ) -> None:
        super().__init__()
        v2 = require('torchvision.transforms.v2', 'teachers')
        self.steps = v2.Compose(
            [
                v2.Resize((resize, resize), antialias=True),
                v2.RandomHorizontalFlip(),
                v2.RandomResizedCrop(size, scale=tuple(scale), antialias=True),
                v2.RandAugment(num_ops=num_ops, magnitude=magnitude),
            ]
        )


@TRANSFORMS.register_module()
class ResizeImage(_TorchvisionTransform):
    """Resizes the whole image to a square, for evaluation.

    Args:
        size: The side of the result.
    """

    def __init__(self, size: int = 224) -> None:
        super().__init__()
        v2 = require('torchvision.transforms.v2', 'teachers')
        self.steps = v2.Resize((size, size), antialias=True)
