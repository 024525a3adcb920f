"""Tokens to losses and predictions."""

from .cls_head import PointClsHead
from .cross_modal_head import CrossModalHead
from .part_seg_head import PartSegHead
from .reconstruction_head import ReconstructionHead
from .self_contrast_head import SelfContrastHead

__all__ = [
    'CrossModalHead',
    'PartSegHead',
    'PointClsHead',
    'ReconstructionHead',
    'SelfContrastHead',
]
