"""Samples to a batch on its device: stack, move, and the transforms of a full batch."""

from .batch_transforms import (
    BatchFurthestPointSample,
    BatchNormalize,
    BatchRandomRotate,
    BatchRandomSample,
    BatchRandomScale,
    BatchRandomShift,
)
from .preprocessor import PointDataPreprocessor

__all__ = [
    'BatchFurthestPointSample',
    'BatchNormalize',
    'BatchRandomRotate',
    'BatchRandomSample',
    'BatchRandomScale',
    'BatchRandomShift',
    'PointDataPreprocessor',
]
