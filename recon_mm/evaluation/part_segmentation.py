"""Part segmentation: intersection over union, averaged over shapes and over categories."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from torch import Tensor

from recon_mm.registry import METRICS

from .fields import batch_field, class_names
from .tables import log_table


def count_parts(labels: Tensor, num_parts: int, where: Tensor | None = None) -> Tensor:
    """Points of each part: ``(B, N)`` to int64 ``(B, num_parts)``, only ``where`` if given."""
    weight = torch.ones_like(labels) if where is None else where.long()
    return labels.new_zeros(len(labels), num_parts).scatter_add_(1, labels, weight)


@METRICS.register_module()
class PartSegmentationIoU(BaseMetric):
    """Instance and class mIoU of ShapeNetPart, in percent.

    Reads ``pred_part`` and ``gt_part``. A shape's IoU is the mean over the parts of its category;
    a part that neither truth nor prediction has counts 1. ``partseg/instance_miou`` is the mean
    over shapes, ``partseg/class_miou`` the mean over categories of the mean over their shapes,
    ``partseg/accuracy`` the share of correct points. A per-category table goes to the log.

    Args:
        parts: The part labels of each category; by default the data set's ``parts``.
        **kwargs: Those of MMEngine's ``BaseMetric``.
    """

    default_prefix = 'partseg'

    def __init__(self, parts: Sequence[Sequence[int]] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parts = parts

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keeps, of each shape, the points of every part: common, true, predicted."""
        prediction = batch_field(data_samples, 'pred_part', device=None)
        truth = batch_field(data_samples, 'gt_part', device=None).to(prediction.device)
        num_parts = 1 + max(label for labels in self._part_labels() for label in labels)
        counts = torch.stack(
            [
                count_parts(truth, num_parts, truth == prediction),
                count_parts(truth, num_parts),
                count_parts(prediction, num_parts),
            ],
            dim=1,
        )
        self.results.extend(counts.cpu().numpy())  # (3, parts) each

    def compute_metrics(self, results: list[np.ndarray]) -> dict[str, float]:
        """The metrics over all shapes."""
        common, true, predicted = np.stack(results, axis=1)  # each (shapes, parts)
        union = true + predicted - common
        iou = np.where(union > 0, common / np.maximum(union, 1), 1.0)
        parts = [list(labels) for labels in self._part_labels()]
        category = np.stack([true[:, labels].sum(1) for labels in parts], axis=1).argmax(1)
        shape_iou = np.stack([iou[:, labels].mean(1) for labels in parts], axis=1)
        shape_iou = 100 * shape_iou[np.arange(len(category)), category]  # (shapes,)

        present = np.unique(category)
        per_category = [float(shape_iou[category == index].mean()) for index in present]
        names = class_names(self.dataset_meta, len(parts))
        rows = [
            (names[index], int((category == index).sum()), value)
            for index, value in zip(present, per_category)
        ]
        log_table('mIoU of each category', ('category', 'shapes', 'mIoU %'), rows)
        return dict(
            instance_miou=float(shape_iou.mean()),
            class_miou=float(np.mean(per_category)),
            accuracy=float(100 * common.sum() / true.sum()),
        )

    def _part_labels(self) -> Sequence[Sequence[int]]:
        parts = self.parts or (self.dataset_meta or {}).get('parts')
        if not parts:
            raise ValueError(
                "PartSegmentationIoU does not know the categories' parts: the data set's metainfo "
                "has no 'parts'; give parts=[[0, 1, 2, 3], [4, 5], ...]"
            )
        return parts
