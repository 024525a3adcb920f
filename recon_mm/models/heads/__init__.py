"""Tokens to losses and predictions."""

from .cls_head import PointClsHead
from .cross_modal_head import CrossModalHead
from .generation_head import GenerationHead
from .info_nce_head import InfoNCEHead
from .matching_head import MatchingHead
from .part_seg_head import PartSegHead
from .reconstruction_head import ReconstructionHead
from .self_contrast_head import SelfContrastHead

__all__ = [
    'CrossModalHead',
    'GenerationHead',
    'InfoNCEHead',
    'MatchingHead',
    'PartSegHead',
    'PointClsHead',
    'ReconstructionHead',
    'SelfContrastHead',
]
