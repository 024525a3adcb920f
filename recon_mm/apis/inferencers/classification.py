"""The class of clouds, by a fine-tuned classifier."""

from collections.abc import Sequence
from typing import Any

from recon_mm.models import PointClassifier
from recon_mm.registry import INFERENCERS
from recon_mm.visualization import ColoredCloud, class_cloud

from .base import CloudInferencer
from .preparation import Batch


@INFERENCERS.register_module()
class ClassificationInferencer(CloudInferencer):
    """Classifies clouds.

    Results: ``class``, its name; ``score``, its probability; ``scores``, the probability of every
    class by name, best first.

    Args:
        model: As in :class:`CloudInferencer`; a classification config.
        weights: Weights that were trained with it: without its head they are refused.
        classes: Names of the classes; by default those in the checkpoint, or of the data set.
        **kwargs: Those of :class:`CloudInferencer`.

    Raises:
        ValueError: If the config is for a different task, or the number of names is not the
            head's.
    """

    needed_parts = ('head.',)

    def __init__(
        self, model: Any, weights: Any = None, classes: Sequence[str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(model, weights, **kwargs)
        if not isinstance(self.model, PointClassifier):
            raise ValueError(
                f'{type(self.model).__name__} does not classify: use a classification config, or '
                'zero-shot with a zero-shot config'
            )
        count = self.model.head.num_classes
        names = list(classes or self.dataset_meta.get('classes') or ())
        if classes and len(names) != count:
            raise ValueError(f'{len(names)} names of classes for a head of {count} classes')
        if len(names) != count:
            names = [f'class {i}' for i in range(count)]
        self.classes = names

    def infer(self, batch: Batch) -> list[dict[str, Any]]:
        """Class and probabilities of each cloud."""
        scores = self.model({'points': batch.points}).float().softmax(1).cpu()
        results = []
        for row in scores:
            order = row.argsort(descending=True).tolist()
            named = {self.classes[i]: float(row[i]) for i in order}
            best = self.classes[order[0]]
            results.append({'class': best, 'score': named[best], 'scores': named})
        return results

    def draw(self, result: dict[str, Any]) -> list[ColoredCloud]:
        """The cloud under its class."""
        return [class_cloud(self.upright(result['points']), result['class'], result['score'])]
