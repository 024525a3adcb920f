"""Zero-shot classification of clouds with custom class names (paper section 5.3)."""

from collections.abc import Sequence
from typing import Any

from recon_mm.engine import keep_sentence_tables
from recon_mm.evaluation.zero_shot import class_cosines, reference_classes
from recon_mm.registry import INFERENCERS
from recon_mm.visualization import ColoredCloud, class_cloud

from .base import CloudInferencer
from .preparation import Batch


@INFERENCERS.register_module()
class ZeroShotInferencer(CloudInferencer):
    """Finds which of the given class names fits a cloud best.

    Sentences about each class are encoded once and stored on disk; see ``CLIPTextTeacher``.
    Results: ``class``, its name; ``similarities``, the cosine with every class by name, best
    first.

    Args:
        model: As in :class:`CloudInferencer`; a zero-shot config.
        weights: Weights pretrained with one CLIP as both teachers, or those of
            ``pretrain_folder``, whose text teacher alone counts.
        classes: Names of the classes, as in ordinary speech.
        **kwargs: Those of :class:`CloudInferencer`.

    Raises:
        ValueError: If the config has no text teacher that encodes names, or the teachers that
            count are not one CLIP.
    """

    needed_parts = ('heads.',)

    def __init__(
        self, model: Any, weights: Any = None, classes: Sequence[str] = (), **kwargs: Any
    ) -> None:
        if not classes:
            raise ValueError('zero-shot needs the names of the classes: classes=[...]')
        super().__init__(model, weights, **kwargs)
        self.classes = list(classes)
        if getattr(self.model, 'text_teacher', None) is None:
            raise ValueError(
                f'{type(self.model).__name__} has no text teacher: use a zero-shot config'
            )
        keep_sentence_tables(self.model)
        teacher = self.model.text_teacher
        self.class_features = teacher.class_features(self.classes).to(self.device)  # (classes, D)
        trained_on = reference_classes(self.model, self.dataset_meta.get('classes'))
        self.center = None
        if trained_on:
            self.center = teacher.class_features(trained_on).mean(0).to(self.device)

    def infer(self, batch: Batch) -> list[dict[str, Any]]:
        """Class and cosines of each cloud."""
        feature = self.model.zeroshot_feature(self.model({'points': batch.points}))
        if feature is None or feature.shape[1] != self.class_features.shape[1]:
            raise ValueError(
                'zero-shot needs an image and a text projection to the features of one CLIP: use '
                'a zero-shot config'
            )
        cosines = class_cosines(feature, self.class_features, self.center).cpu()  # (B, classes)
        results = []
        for row in cosines:
            order = row.argsort(descending=True).tolist()
            similarities = {self.classes[i]: float(row[i]) for i in order}
            results.append({'class': self.classes[order[0]], 'similarities': similarities})
        return results

    def draw(self, result: dict[str, Any]) -> list[ColoredCloud]:
        """The cloud under its class."""
        return [class_cloud(self.upright(result['points']), result['class'])]
