"""Tokens to points."""

from .causal_point_decoder import CausalPointDecoder
from .feature_propagation import FeaturePropagation
from .masked_point_decoder import MaskedPointDecoder

__all__ = ['CausalPointDecoder', 'FeaturePropagation', 'MaskedPointDecoder']
