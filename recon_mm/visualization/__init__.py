"""Tensors to pictures."""

from .reconstruction import draw_reconstructions
from .scatter import scatter_cloud

__all__ = ['draw_reconstructions', 'scatter_cloud']
