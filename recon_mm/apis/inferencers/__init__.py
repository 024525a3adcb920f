"""Inferencers: trained models on clouds of any kind, in batches, with results as they come."""

from .attention import AttentionInferencer
from .base import CloudInferencer
from .classification import ClassificationInferencer
from .features import FeatureInferencer
from .parts import PartInferencer
from .reconstruction import ReconstructionInferencer
from .retrieval import RetrievalInferencer
from .scenes import SceneInferencer
from .zero_shot import ZeroShotInferencer

__all__ = [
    'AttentionInferencer',
    'ClassificationInferencer',
    'CloudInferencer',
    'FeatureInferencer',
    'PartInferencer',
    'ReconstructionInferencer',
    'RetrievalInferencer',
    'SceneInferencer',
    'ZeroShotInferencer',
]
