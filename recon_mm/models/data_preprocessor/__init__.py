"""Samples to a batch on its device: stack, move, and the transforms of a full batch."""

from .batch_transforms import (
    BatchFurthestPointSample,
    BatchNormalize,
    BatchRandomRotate,
    BatchRandomSample,
    BatchRandomScale,
    BatchRandomShift,
)
from .openshape_transforms import BatchDropColor, BatchQuarterRotation, BatchRandomTilt
from .preprocessor import PointDataPreprocessor

__all__ = [
    'BatchDropColor',
    'BatchFurthestPointSample',
    'BatchNormalize',
    'BatchQuarterRotation',
    'BatchRandomRotate',
    'BatchRandomSample',
    'BatchRandomScale',
    'BatchRandomShift',
    'BatchRandomTilt',
    'PointDataPreprocessor',
]
