"""Tensors to pictures: PNG without a display, HTML to rotate, PLY for other viewers."""

from .attention import attention_clouds, read_attention, token_names
from .classes import class_cloud, in_rows
from .colored_cloud import ColoredCloud, labeled_cloud, plain_cloud, valued_cloud
from .curves import draw_curves
from .embedding import draw_embedding, embed_on_plane
from .html import html_page, write_html
from .parts import part_clouds
from .ply import write_ply
from .reconstruction import reconstructed_rows, reconstruction_clouds
from .reconstruction_hook import ReconstructionPicturesHook
from .rows import draw_rows, save_rows
from .visualizer import PointCloudVisualizer

__all__ = [
    'ColoredCloud',
    'PointCloudVisualizer',
    'ReconstructionPicturesHook',
    'attention_clouds',
    'class_cloud',
    'draw_curves',
    'draw_embedding',
    'draw_rows',
    'embed_on_plane',
    'html_page',
    'in_rows',
    'labeled_cloud',
    'part_clouds',
    'plain_cloud',
    'read_attention',
    'reconstructed_rows',
    'reconstruction_clouds',
    'save_rows',
    'token_names',
    'valued_cloud',
    'write_html',
    'write_ply',
]
