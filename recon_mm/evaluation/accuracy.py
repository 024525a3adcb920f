"""Accuracy of classification: over all clouds, and averaged over classes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmengine.visualization import Visualizer

from recon_mm.registry import METRICS

from .confusion import confusion_counts, draw_confusion
from .fields import batch_field, class_names
from .tables import log_table


@METRICS.register_module()
class OverallAccuracy(BaseMetric):
    """Overall and mean-class accuracy, in percent.

    Reads ``pred_label`` and ``gt_label``. Gives ``accuracy/overall`` and ``accuracy/mean_class``,
    the mean over the classes that occur in the ground truth.

    Args:
        per_class: Whether to log a table of all classes, and to pass the confusion matrix as an
            image to the run's visualizer (its local backend writes it to
            ``<work_dir>/<time>/vis_data/vis_image``). For the test, rather than every epoch.
        **kwargs: Those of MMEngine's ``BaseMetric``.
    """

    default_prefix = 'accuracy'

    def __init__(self, per_class: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.per_class = per_class

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keeps the two labels of each sample."""
        truth = batch_field(data_samples, 'gt_label').flatten()
        prediction = batch_field(data_samples, 'pred_label').flatten()
        self.results += zip(truth.tolist(), prediction.tolist())

    def compute_metrics(self, results: list[tuple[int, int]]) -> dict[str, float]:
        """The metrics over all samples."""
        labels = torch.tensor(results)  # (samples, 2)
        num_classes = max(int(labels.max()) + 1, len((self.dataset_meta or {}).get('classes', ())))
        counts = confusion_counts(labels[None, :, 0], labels[None, :, 1], num_classes)[0].numpy()
        total, correct = counts.sum(1), counts.diagonal()
        occurs = total > 0
        accuracy = 100 * correct / np.maximum(total, 1)  # (classes,)
        if self.per_class:
            self._report(counts, accuracy)
        return dict(
            overall=float(100 * correct.sum() / total.sum()),
            mean_class=float(accuracy[occurs].mean()),
        )

    def _report(self, counts: np.ndarray, accuracy: np.ndarray) -> None:
        names = class_names(self.dataset_meta, len(counts))
        rows = [
            (name, int(number), float(value) if number else '-')
            for name, number, value in zip(names, counts.sum(1), accuracy)
        ]
        log_table('Accuracy of each class', ('class', 'clouds', 'accuracy %'), rows)
        try:
            visualizer = Visualizer.get_current_instance()
        except RuntimeError:  # outside of a runner
            print_log('No visualizer: the confusion matrix is not drawn', logger='current')
            return
        visualizer.add_image('confusion_matrix', draw_confusion(counts, names))
