"""The parts that backbones, necks and heads are made of."""

from .attention import CrossAttention, SelfAttention
from .batch_norm import SyncBatchNorm, linear_norm, norm_unless_folded, weight_columns
from .blocks import ReConBlock, TransformerBlock, drop_path_rates
from .initialization import init_linear_projection, init_linear_truncated, init_linear_xavier
from .masking import BlockMasking, PatchMask, RandomMasking
from .mlp import Mlp
from .patch_embed import PatchEmbed
from .position import PositionEmbed

__all__ = [
    'BlockMasking',
    'CrossAttention',
    'Mlp',
    'PatchEmbed',
    'PatchMask',
    'PositionEmbed',
    'RandomMasking',
    'ReConBlock',
    'SelfAttention',
    'SyncBatchNorm',
    'TransformerBlock',
    'drop_path_rates',
    'init_linear_projection',
    'init_linear_truncated',
    'init_linear_xavier',
    'linear_norm',
    'norm_unless_folded',
    'weight_columns',
]
