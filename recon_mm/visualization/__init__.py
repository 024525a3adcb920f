"""Tensors to pictures."""

from .part_segmentation import draw_parts
from .reconstruction import draw_reconstructions
from .scatter import scatter_cloud

__all__ = ['draw_parts', 'draw_reconstructions', 'scatter_cloud']
