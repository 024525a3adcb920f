"""Tokens to points."""

from .masked_point_decoder import MaskedPointDecoder

__all__ = ['MaskedPointDecoder']
