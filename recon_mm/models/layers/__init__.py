"""The parts that backbones, necks and heads are made of."""

from .attention import CrossAttention, SelfAttention
from .batch_norm import SyncBatchNorm
from .blocks import ReConBlock, TransformerBlock, drop_path_rates
from .initialization import init_linear_projection, init_linear_truncated, init_linear_xavier
from .joined_linear import JoinedLinear
from .masking import BlockMasking, PatchMask, RandomMasking
from .max_linear import MaxLinear
from .mlp import Mlp
from .patch_embed import PatchEmbed
from .position import PositionEmbed
from .two_forms import TwoForms, use_plain_forms

__all__ = [
    'BlockMasking',
    'CrossAttention',
    'JoinedLinear',
    'MaxLinear',
    'Mlp',
    'PatchEmbed',
    'PatchMask',
    'PositionEmbed',
    'RandomMasking',
    'ReConBlock',
    'SelfAttention',
    'SyncBatchNorm',
    'TransformerBlock',
    'TwoForms',
    'drop_path_rates',
    'init_linear_projection',
    'init_linear_truncated',
    'init_linear_xavier',
    'use_plain_forms',
]
