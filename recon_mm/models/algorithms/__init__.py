"""Complete models, one file per task."""

from .classifier import PointClassifier
from .generative_classifier import GenerativeClassifier
from .part_segmentor import PartSegmentor
from .recon import ReCon
from .voting import VotingTTA

__all__ = ['GenerativeClassifier', 'PartSegmentor', 'PointClassifier', 'ReCon', 'VotingTTA']
