"""Trained models for use: a path or an array in, a result out."""

from .clouds import load_cloud
from .export import export_backbone, export_onnx
from .zero_shot import ZeroShotClassifier

__all__ = ['ZeroShotClassifier', 'export_backbone', 'export_onnx', 'load_cloud']
