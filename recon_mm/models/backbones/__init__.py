"""Point clouds to tokens."""

from .recon_transformer import ReConTransformer
from .token_features import TokenFeatures

__all__ = ['ReConTransformer', 'TokenFeatures']
