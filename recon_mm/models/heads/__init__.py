"""Tokens to losses and predictions."""

from .cross_modal_head import CrossModalHead
from .reconstruction_head import ReconstructionHead
from .self_contrast_head import SelfContrastHead

__all__ = ['CrossModalHead', 'ReconstructionHead', 'SelfContrastHead']
