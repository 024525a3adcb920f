"""Base of the image teachers: from a batch of stored images to a batch of features."""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .base import FrozenTeacher, require_input


class ImageEncoder(nn.Module):
    """Scales and normalizes uint8 images on their device, then runs a network.

    Args:
        network: Maps normalized images ``(B, 3, S, S)`` to features ``(B, D)``.
        size: Height and width S in pixels that the network expects.
        mean: Mean of the network's training images, RGB in [0, 1].
        std: Their standard deviation.
    """

    scale: Tensor
    shift: Tensor

    def __init__(
        self,
        network: nn.Module,
        size: tuple[int, int],
        mean: Sequence[float],
        std: Sequence[float],
    ) -> None:
        super().__init__()
        self.network = network
        self.size = size
        mean_, std_ = torch.tensor(mean), torch.tensor(std)
        # (x / 255 - mean) / std as one multiplication and addition
        self.register_buffer('scale', (1 / (255 * std_)).view(3, 1, 1))
        self.register_buffer('shift', (-mean_ / std_).view(3, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        """Features ``(B, D)`` of uint8 RGB images ``(B, 3, H, W)``."""
        x = images.float()
        if x.shape[-2:] != self.size:
            x = F.interpolate(x, self.size, mode='bicubic', antialias=True).clamp(0, 255)
        return self.network(torch.addcmul(self.shift, x, self.scale))


class ImageTeacher(FrozenTeacher):
    """Teacher that reads ``inputs['images']``: uint8 ``(B, 3, H, W)``, RGB."""

    def encode(self, network: Callable[[Tensor], Tensor], inputs: dict[str, Tensor]) -> Tensor:
        """Features ``(B, D)`` of the images.

        Raises:
            KeyError: If the batch has no images.
            ValueError: If they are not uint8 RGB.
        """
        images = require_input(inputs, 'images', type(self).__name__)
        if images.dtype != torch.uint8 or images.dim() != 4 or images.shape[1] != 3:
            raise ValueError(
                f"inputs['images'] is {images.dtype} {tuple(images.shape)}, expected torch.uint8 "
                '(B, 3, H, W) RGB; the teacher scales and normalizes images itself'
            )
        return network(images)
