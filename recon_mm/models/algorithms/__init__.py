"""Complete models, one file per task."""

from .classifier import PointClassifier
from .part_segmentor import PartSegmentor
from .recon import ReCon
from .voting import VotingTTA

__all__ = ['PartSegmentor', 'PointClassifier', 'ReCon', 'VotingTTA']
