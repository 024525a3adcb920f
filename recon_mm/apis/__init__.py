"""Trained models for use: a path or an array in, a result out."""

from .clouds import load_cloud
from .zero_shot import ZeroShotClassifier

__all__ = ['ZeroShotClassifier', 'load_cloud']
