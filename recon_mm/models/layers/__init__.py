"""The parts that backbones, necks and heads are made of."""

from .attention import CrossAttention, SelfAttention
from .batch_norm import SyncBatchNorm
from .blocks import QueryBlock, ReConBlock, TransformerBlock, drop_path_rates
from .initialization import init_linear_projection, init_linear_truncated, init_linear_xavier
from .joined_linear import JoinedLinear
from .masking import (
    BlockMasking,
    CausalMask,
    CausalMasking,
    PatchMask,
    RandomMasking,
    triangle,
)
from .matching import match_rows
from .max_linear import MaxLinear
from .mlp import Mlp
from .patch_embed import PatchEmbed
from .position import PositionEmbed, directions, sine_position
from .two_forms import TwoForms, use_plain_forms

__all__ = [
    'BlockMasking',
    'CausalMask',
    'CausalMasking',
    'CrossAttention',
    'JoinedLinear',
    'MaxLinear',
    'Mlp',
    'PatchEmbed',
    'PatchMask',
    'PositionEmbed',
    'QueryBlock',
    'RandomMasking',
    'ReConBlock',
    'SelfAttention',
    'SyncBatchNorm',
    'TransformerBlock',
    'TwoForms',
    'directions',
    'drop_path_rates',
    'init_linear_projection',
    'init_linear_truncated',
    'init_linear_xavier',
    'match_rows',
    'sine_position',
    'triangle',
    'use_plain_forms',
]
