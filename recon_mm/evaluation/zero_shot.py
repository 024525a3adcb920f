"""Zero-shot classification: clouds against the sentences of class names (paper, table 5)."""

import logging
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from torch import Tensor

from recon_mm.registry import METRICS

from .fields import batch_field, batch_item


class TextTeacher(Protocol):
    """What the metric needs of a teacher."""

    def class_features(self, classes: Sequence[str]) -> Tensor:
        """``(classes, D)``."""
        ...


def class_cosines(features: Tensor, class_features: Tensor, center: Tensor | None) -> Tensor:
    """How near each cloud is to each class.

    Args:
        features: ``(B, D)`` of clouds.
        class_features: ``(C, D)``.
        center: ``(D,)``, which is taken from both; ``None`` for nothing.

    Returns:
        Cosines ``(B, C)``.
    """
    if center is not None:
        features, class_features = features - center, class_features - center
    return F.normalize(features, dim=1) @ F.normalize(class_features, dim=1).T


def reference_classes(model: Any, trained_on: Any) -> list[str] | None:
    """The classes whose mean feature a model wants taken from others; ``None`` if it does not.

    Of shapes that were trained on without categories there is no such mean, which the log says.

    Args:
        model: The model that is tested.
        trained_on: Names of classes, as the weights say it.

    Raises:
        ValueError: If that is no list of names.
    """
    if not getattr(model, 'zeroshot_centered', False):
        return None
    names = [] if trained_on is None else trained_on
    if not isinstance(names, list | tuple) or not all(
        isinstance(name, str) and name.strip() for name in names
    ):
        raise ValueError(
            f'the weights say that they were trained on the classes {str(names)[:80]!r}, expected '
            'a list of names: save them again, or set model.zeroshot_centered=False'
        )
    if len(names) < 2:
        print_log(
            'Zero-shot without a center: the weights do not say at least two classes that they '
            'were trained on',
            'current',
            logging.WARNING,
        )
        return None
    return list(names)


@METRICS.register_module()
class ZeroShotAccuracy(BaseMetric):
    """Accuracy of the class whose sentences are nearest to the cloud by cosine.

    Reads ``zeroshot_feature``, ``gt_label`` and, unless ``split=None``, ``split``. Gives
    ``zeroshot/test_top1`` in percent and, with more than five classes, ``test_top3`` and
    ``test_top5``; the split is in the name (``all_top1`` for ``split=None``), and the classes are
    logged with the metrics: published results differ in both.

    Features of the classes that come with the data set (OpenShape's) are taken where it has some.
    Otherwise the sentences are encoded by the text teacher of the model itself, which
    ``PrepareTeachersHook`` sets: clouds and classes are never compared in the spaces of different
    CLIPs. For a model with ``zeroshot_centered`` the hook also sets ``reference``, the names of the
    training classes.

    Args:
        classes: Names of the classes in the order of the labels; by default the data set's.
        split: The split to evaluate; ``None`` for all samples.
        **kwargs: Those of MMEngine's ``BaseMetric``.
    """

    default_prefix = 'zeroshot'

    def __init__(
        self,
        classes: Sequence[str] | None = None,
        split: str | None = 'test',
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.text_teacher: TextTeacher | None = None
        self.reference: list[str] | None = None
        self.classes = classes
        self.split = split

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keeps feature and label of each sample, and whether it is evaluated."""
        features = batch_field(data_samples, 'zeroshot_feature').float().numpy()
        labels = batch_field(data_samples, 'gt_label').flatten().tolist()
        counts = [
            self.split is None or batch_item(sample, 'split') == self.split
            for sample in data_samples
        ]
        self.results += zip(features, labels, counts)

    def compute_metrics(self, results: list[tuple[np.ndarray, int, bool]]) -> dict[str, float]:
        """Compares all clouds that count with all classes.

        Raises:
            ValueError: If none counts, a label has no class name, or the widths differ.
        """
        kept = [(feature, label) for feature, label, counts in results if counts]
        if not kept:
            raise ValueError(f"none of the {len(results)} samples has split '{self.split}'")
        features = torch.from_numpy(np.stack([feature for feature, _ in kept]))  # (clouds, D)
        labels = torch.tensor([label for _, label in kept])
        classes = self._class_names(int(labels.max()) + 1)
        class_features, center = self._class_features(classes)  # (classes, D), (D,)
        if class_features.shape[1] != features.shape[1]:
            raise ValueError(
                f"the model's zeroshot_feature is {features.shape[1]} wide, the text teacher's "
                f'{class_features.shape[1]}: both must be of one text teacher'
            )
        cosine = class_cosines(features, class_features, center)
        hits = cosine.topk(min(5, len(classes)), dim=1).indices == labels[:, None]
        tops = (1, 3, 5) if len(classes) > 5 else (1,)
        split = self.split or 'all'
        metrics = {f'{split}_top{k}': 100 * hits[:, :k].any(1).double().mean().item() for k in tops}
        print_log(
            f'Zero-shot on {len(kept)} of {len(results)} clouds '
            f'(split: {split}), {len(classes)} classes: {", ".join(classes)}',
            logger='current',
        )
        return metrics

    def _class_names(self, at_least: int) -> list[str]:
        names = list(self.classes or (self.dataset_meta or {}).get('classes') or ())
        if len(names) < at_least:
            raise ValueError(
                f'{len(names)} class names for labels up to {at_least - 1}: give classes=[...], '
                'one for each label in their order'
            )
        return names

    def _class_features(self, classes: list[str]) -> tuple[Tensor, Tensor | None]:
        stored = (self.dataset_meta or {}).get('class_features')
        if stored is not None and self.classes is None:
            return torch.as_tensor(stored), None
        if self.text_teacher is None:
            raise ValueError(
                "ZeroShotAccuracy knows no text teacher: add dict(type='PrepareTeachersHook') to "
                'custom_hooks, and give the model a modality text with a CLIPTextTeacher'
            )
        with torch.no_grad():
            found = self.text_teacher.class_features(classes).float().cpu()
            if not self.reference:
                return found, None
            return found, self.text_teacher.class_features(self.reference).float().cpu().mean(0)
