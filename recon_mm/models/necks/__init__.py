"""Tokens to points."""

from .feature_propagation import FeaturePropagation
from .masked_point_decoder import MaskedPointDecoder

__all__ = ['FeaturePropagation', 'MaskedPointDecoder']
