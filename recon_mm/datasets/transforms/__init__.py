"""Transforms of one sample, for pipelines."""

from .formatting import PackPointInputs
from .images import AugmentImage, ResizeImage
from .loading import LoadPoints, LoadRenderedImage
from .openshape import LoadDepthFeatures, LoadOpenShape
from .points import NormalizePoints, SamplePoints
from .teacher import LoadTeacherFeatures

__all__ = [
    'AugmentImage',
    'LoadDepthFeatures',
    'LoadOpenShape',
    'LoadPoints',
    'LoadRenderedImage',
    'LoadTeacherFeatures',
    'NormalizePoints',
    'PackPointInputs',
    'ResizeImage',
    'SamplePoints',
]
