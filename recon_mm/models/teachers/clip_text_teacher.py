"""Text teacher CLIP: a table of sentence features, from which a row is drawn per sample."""

from collections.abc import Callable, Sequence

import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from recon_mm.registry import MODELS
from recon_mm.utils.optional import require

from .base import require_input
from .clip import CLIPTeacher, build_clip, clip_config
from .prompts import PREFIXES, SUFFIXES, sentences
from .sentence_teacher import Encode
from .text_tower import encode_sentences

KeepTable = Callable[[dict, Callable[[], Tensor]], Tensor]


class SentenceTable(nn.Module):
    """Features of all sentences.

    Args:
        table: ``(num_classes, sentences, D)``.
    """

    table: Tensor

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        self.register_buffer('table', table)

    def forward(self, category: Tensor) -> Tensor:
        """The feature ``(B, D)`` of one sentence, drawn at random, of each category ``(B,)``."""
        # One draw among all pairs of prefix and suffix: the same as one draw for each of the two.
        sentence = torch.randint(self.table.shape[1], category.shape, device=category.device)
        return self.table[category, sentence]


@MODELS.register_module()
class CLIPTextTeacher(CLIPTeacher):
    """CLIP's text feature of a random sentence about the sample's category (paper section 4.2).

    All sentences of all categories are encoded once (55 x 60 for ShapeNet55); a training step only
    looks one up, and no text transformer stays in memory. ``PrepareTeachersHook`` and the zero-shot
    API store the table on disk (:func:`recon_mm.engine.keep_sentence_tables`).

    Args:
        model_name: As in :class:`CLIPTeacher`.
        pretrained: As in :class:`CLIPTeacher`.
        classes: What a sentence calls each category. By default ``PrepareTeachersHook`` takes the
            names from the training set.
        cache_dir: Where tables are stored; by default ``$RECON_CACHE``, else ``~/.cache/recon_mm``.

    Example:
        >>> teacher = CLIPTextTeacher(pretrained='openai', classes=['airplane', 'chair'])
        >>> teacher(dict(category=torch.tensor([1, 0, 1]))).shape
        torch.Size([3, 512])
    """

    def __init__(
        self,
        model_name: str = 'ViT-B-32-quickgelu',
        pretrained: str | None = 'openai',
        classes: Sequence[str] | None = None,
        cache_dir: str | None = None,
    ) -> None:
        super().__init__(model_name, pretrained)
        self.classes: list[str] | None = None
        self.cache_dir = cache_dir
        self._keep: KeepTable | None = None
        if classes is not None:
            self.set_classes(classes)

    def set_classes(self, classes: Sequence[str]) -> None:
        """Sets what a sentence calls each category; the order is that of the labels."""
        classes = list(classes)
        if classes != self.classes:
            self.classes = classes
            self._hidden.network = None

    def keep_tables(self, keep: KeepTable) -> None:
        """Sets the function that stores tables; without one, each process computes them.

        Args:
            keep: ``keep(origin, compute)`` returns the table made from ``origin`` (everything it
                depends on), a stored one or ``compute()``.
        """
        self._keep = keep

    def build_network(self, device: torch.device) -> nn.Module:
        """The table of all sentences of ``self.classes``.

        Raises:
            ValueError: If the classes are not known yet.
        """
        if not self.classes:
            raise ValueError(
                f'{type(self).__name__} does not know the categories: give classes=[...], call '
                "set_classes(), or add custom_hooks=[dict(type='PrepareTeachersHook')], which "
                'takes them from the training set'
            )
        return SentenceTable(self._table(self.classes, device))

    def encode(self, network: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        """Features ``(B, D)`` of random sentences about ``inputs['category']`` (int64 ``(B,)``)."""
        return network(require_input(inputs, 'category', type(self).__name__))

    def class_features(self, classes: Sequence[str]) -> Tensor:
        """Features of any list of classes, for zero-shot classification.

        Args:
            classes: Names of the classes, independent of the training categories.

        Returns:
            ``(num_classes, D)`` float32 on the teacher's device: the mean over all 60 sentences of
            a class, not normalized.
        """
        table = self._table(list(classes), self._hidden.device)
        return table.mean(dim=1).to(self._hidden.device)

    def _table(self, classes: list[str], device: torch.device) -> Tensor:
        """Features ``(num_classes, sentences, D)`` float32 on the CPU, stored or computed."""
        origin = {
            **self.describe(),
            'config': clip_config(self.model_name),
            'classes': classes,
            'prefixes': PREFIXES,
            'suffixes': SUFFIXES,
        }
        if self._keep is None:
            return self._compute(classes, device)
        return self._keep(origin, lambda: self._compute(classes, device))

    def sentence_encoder(self, device: torch.device | str, report: bool = False) -> Encode:
        """Loads the text tower; a call gives ``(S, D)`` float32 on the CPU of S sentences."""
        tokenize = require('open_clip', 'teachers').get_tokenizer(self.model_name)
        tower = build_clip(self.model_name, self.pretrained).text

        def encode(texts: Sequence[str]) -> Tensor:
            with torch.inference_mode(False):
                tokens = tokenize(list(texts))
                return encode_sentences(tower, tokens, torch.device(device), report=report)

        return encode

    def _compute(self, classes: list[str], device: torch.device) -> Tensor:
        texts = [sentence for name in classes for sentence in sentences(name)]
        print_log(
            f'{type(self).__name__}: encoding {len(texts)} sentences of {len(classes)} categories '
            f'on {device}{"" if self._keep is None else ", once"}',
            logger='current',
        )
        features = self.sentence_encoder(device, report=True)(texts)
        return features.view(len(classes), -1, features.shape[-1])
