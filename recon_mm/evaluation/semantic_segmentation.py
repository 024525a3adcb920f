"""Semantic segmentation of scenes: IoU and accuracy over all points."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.evaluator import BaseMetric

from recon_mm.registry import METRICS

from .confusion import confusion_counts
from .fields import batch_field, batch_item, class_names
from .tables import log_table


class _Block(NamedTuple):
    """What is kept of one sample until rooms are merged."""

    room: str
    room_points: int
    index: np.ndarray  # int32 (N,), rows of the room's file
    truth: np.ndarray  # uint8 (N,)
    prediction: np.ndarray  # uint8 (N,)


@METRICS.register_module()
class SemanticSegmentationIoU(BaseMetric):
    """mIoU, mAcc and allAcc over all points, in percent (S3DIS).

    Reads ``pred_part`` and ``gt_part``; true labels outside the classes are not counted. Gives
    ``semseg/miou``, ``semseg/macc``, ``semseg/allacc``, and logs a per-class table. A class that
    occurs neither in truth nor prediction is left out of the means.

    Args:
        num_classes: Number of classes; by default that of the data set.
        merge_rooms: ``False`` counts every point of every sample (quick, for validation). ``True``
            is the usual test: all samples of a room vote for the class of each of its points,
            and each point of the room counts once. This needs the field ``point_index`` and the
            meta information ``sample_id`` (the room) and ``room_points``.
        **kwargs: Those of MMEngine's ``BaseMetric``.
    """

    default_prefix = 'semseg'

    def __init__(
        self, num_classes: int | None = None, merge_rooms: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.num_classes = num_classes
        self.merge_rooms = merge_rooms

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keeps the confusion matrix of each sample, or its points where rooms are merged."""
        prediction = batch_field(data_samples, 'pred_part', device=None)
        truth = batch_field(data_samples, 'gt_part', device=None).to(prediction.device)
        if not self.merge_rooms:
            counts = confusion_counts(truth, prediction, self._count())
            self.results.extend(counts.cpu().numpy())
            return
        uncounted = 255
        truth = torch.where((truth < 0) | (truth > uncounted), uncounted, truth)
        columns = (
            [batch_item(sample, 'sample_id') for sample in data_samples],
            [int(batch_item(sample, 'room_points')) for sample in data_samples],
            batch_field(data_samples, 'point_index').int().numpy(),
            truth.byte().cpu().numpy(),
            prediction.byte().cpu().numpy(),
        )
        self.results.extend(_Block(*row) for row in zip(*columns))

    def compute_metrics(self, results: list) -> dict[str, float]:
        """The metrics over all samples."""
        if self.merge_rooms:
            rooms = defaultdict(list)
            for block in (_Block(*result) for result in results):
                rooms[block.room].append(block)
            results = [merged_confusion(blocks, self._count()) for blocks in rooms.values()]
        counts = np.sum(results, axis=0)  # (C, C)
        true, predicted, common = counts.sum(1), counts.sum(0), counts.diagonal()
        union = true + predicted - common
        with np.errstate(invalid='ignore'):  # 0 / 0 is a class that does not occur
            iou, accuracy = 100 * common / union, 100 * common / true
        names = class_names(self.dataset_meta, len(counts))
        rows = list(zip(names, true.tolist(), iou.tolist(), accuracy.tolist()))
        log_table('Each class', ('class', 'points', 'IoU %', 'accuracy %'), rows)
        return dict(
            miou=float(np.nanmean(iou)),
            macc=float(np.nanmean(accuracy)),
            allacc=float(100 * common.sum() / true.sum()),
        )

    def _count(self) -> int:
        count = self.num_classes or len((self.dataset_meta or {}).get('classes', ()))
        if not count:
            raise ValueError("the data set's metainfo has no 'classes': give num_classes=...")
        return count


def merged_confusion(blocks: list[_Block], num_classes: int) -> np.ndarray:
    """Confusion matrix of one room ``(C, C)``, each of its points once, by majority vote."""
    room_points = blocks[0].room_points
    votes = np.zeros(room_points * num_classes, dtype=np.int64)
    truth = np.full(room_points, -1)
    for block in blocks:
        index = block.index.astype(np.int64)
        votes += np.bincount(index * num_classes + block.prediction, minlength=len(votes))
        truth[index] = block.truth
    prediction = votes.reshape(room_points, num_classes).argmax(1)
    pair = torch.from_numpy(truth)[None], torch.from_numpy(prediction)[None]
    return confusion_counts(*pair, num_classes)[0].numpy()
