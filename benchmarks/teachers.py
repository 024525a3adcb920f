"""Text teachers of the benchmarks: live as in the authors' step, and a table of random numbers."""

import torch
from torch import Tensor, nn

from recon_mm.models.teachers import CLIPTextTeacher
from recon_mm.models.teachers.clip import build_clip
from recon_mm.models.teachers.clip_text_teacher import SentenceTable
from recon_mm.models.teachers.prompts import sentences
from recon_mm.registry import MODELS
from recon_mm.utils.optional import require


class SentenceEncoder(nn.Module):
    """CLIP's text transformer on one random sentence of each sample.

    Args:
        tower: open_clip's text tower.
        tokens: int64 ``(num_classes, sentences, 77)``.
    """

    tokens: Tensor

    def __init__(self, tower: nn.Module, tokens: Tensor) -> None:
        super().__init__()
        self.tower = tower
        self.register_buffer('tokens', tokens)

    def forward(self, category: Tensor) -> Tensor:
        """The feature ``(B, D)`` of the sentence that :class:`SentenceTable` would draw."""
        sentence = torch.randint(self.tokens.shape[1], category.shape, device=category.device)
        return self.tower(self.tokens[category, sentence])


@MODELS.register_module()
class LiveTextTeacher(CLIPTextTeacher):
    """The text transformer in every step, which a table avoids."""

    def build_network(self, device: torch.device) -> nn.Module:
        """The tower and the tokens of all sentences."""
        texts = [sentence for name in self.classes or () for sentence in sentences(name)]
        tokens = require('open_clip', 'teachers').get_tokenizer(self.model_name)(texts)
        tower = build_clip(self.model_name, self.pretrained).text
        return SentenceEncoder(tower, tokens.view(len(self.classes or ()), -1, tokens.shape[1]))


@MODELS.register_module()
class RandomSentenceTable(CLIPTextTeacher):
    """The package's table with random features: costs the same and needs no CLIP.

    Args:
        table_dims: Width of the features.
        **kwargs: Those of :class:`CLIPTextTeacher`.
    """

    def __init__(self, table_dims: int, **kwargs) -> None:
        super().__init__(**kwargs)
        self.table_dims = table_dims

    def build_network(self, device: torch.device) -> nn.Module:
        """The table, as :class:`CLIPTextTeacher` has it."""
        count = len(sentences(''))
        return SentenceTable(torch.randn(len(self.classes or ()), count, self.table_dims))
