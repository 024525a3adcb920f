"""Transforms of one sample (pipelines) and of a batch on its device (the preprocessor)."""

from .batch import (
    BatchFurthestPointSample,
    BatchNormalize,
    BatchRandomRotate,
    BatchRandomSample,
    BatchRandomScale,
    BatchRandomShift,
)
from .formatting import PackPointInputs
from .images import AugmentImage, ResizeImage
from .loading import LoadPoints, LoadRenderedImage
from .points import NormalizePoints, SamplePoints
from .teacher import LoadTeacherFeatures

__all__ = [
    'AugmentImage',
    'BatchFurthestPointSample',
    'BatchNormalize',
    'BatchRandomRotate',
    'BatchRandomSample',
    'BatchRandomScale',
    'BatchRandomShift',
    'LoadPoints',
    'LoadRenderedImage',
    'LoadTeacherFeatures',
    'NormalizePoints',
    'PackPointInputs',
    'ResizeImage',
    'SamplePoints',
]
