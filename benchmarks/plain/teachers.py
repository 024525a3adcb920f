"""Frozen teachers, run in every step."""

import random
from collections.abc import Sequence
from typing import Any

import open_clip
import timm
import torch
from torch import Tensor, nn

from recon_mm.models.teachers.prompts import PREFIXES, SUFFIXES


class PlainImageTeacher(nn.Module):
    """An untrained image network of timm, its attention written out.

    Args:
        model_name: A name of timm.
    """

    def __init__(self, model_name: str) -> None:
        super().__init__()
        self.network = timm.create_model(model_name, num_classes=0).eval().requires_grad_(False)
        for module in self.network.modules():
            if hasattr(module, 'fused_attn'):
                module.fused_attn = False  # pyright: ignore[reportArgumentType]

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Features ``(B, D)`` of uint8 images ``(B, 3, H, W)``."""
        return self.network((images.float() / 255 - 0.5) / 0.5)


class PlainTextTeacher(nn.Module):
    """CLIP's untrained text transformer on one random sentence a sample.

    Args:
        model_name: A name of open_clip.
        classes: The names of the categories.
    """

    def __init__(self, model_name: str, classes: Sequence[str]) -> None:
        super().__init__()
        clip: Any = open_clip.create_model(model_name, force_custom_text=True)
        self.network = clip.text.eval().requires_grad_(False)
        self.tokenizer = open_clip.get_tokenizer(model_name)
        self.classes = tuple(classes)

    @torch.no_grad()
    def forward(self, category: Tensor) -> Tensor:
        """Features ``(B, D)`` of sentences of 77 tokens about ``category`` ``(B,)``."""
        sentences = [
            random.choice(PREFIXES) + self.classes[index] + random.choice(SUFFIXES)
            for index in category.tolist()
        ]
        return self.network(self.tokenizer(sentences).to(category.device))
