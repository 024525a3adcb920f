"""Predictions to metrics, which MMEngine's loops compute in one process or several."""

from .accuracy import OverallAccuracy
from .linear_svm import LinearSVM
from .part_segmentation import PartSegmentationIoU
from .semantic_segmentation import SemanticSegmentationIoU
from .zero_shot import ZeroShotAccuracy

__all__ = [
    'LinearSVM',
    'OverallAccuracy',
    'PartSegmentationIoU',
    'SemanticSegmentationIoU',
    'ZeroShotAccuracy',
]
