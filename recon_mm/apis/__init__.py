"""Using trained models: a path or an array in, a result out."""

from .clouds import load_cloud
from .export import export_backbone, export_onnx
from .inferencers import (
    AttentionInferencer,
    ClassificationInferencer,
    FeatureInferencer,
    PartInferencer,
    ReconstructionInferencer,
    RetrievalInferencer,
    SceneInferencer,
    ZeroShotInferencer,
)
from .models import get_model, init_model, list_models
from .zero_shot import ZeroShotClassifier

__all__ = [
    'AttentionInferencer',
    'ClassificationInferencer',
    'FeatureInferencer',
    'PartInferencer',
    'ReconstructionInferencer',
    'RetrievalInferencer',
    'SceneInferencer',
    'ZeroShotClassifier',
    'ZeroShotInferencer',
    'export_backbone',
    'export_onnx',
    'get_model',
    'init_model',
    'list_models',
    'load_cloud',
]
