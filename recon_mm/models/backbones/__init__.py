"""Point clouds to tokens."""

from .base import PointBackbone
from .recon_transformer import ReConTransformer
from .reconpp_transformer import CausalReConPPTransformer, ReConPPTransformer
from .token_features import TokenFeatures

__all__ = [
    'CausalReConPPTransformer',
    'PointBackbone',
    'ReConPPTransformer',
    'ReConTransformer',
    'TokenFeatures',
]
