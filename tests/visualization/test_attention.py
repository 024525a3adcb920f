"""Attention of the global tokens."""

import numpy as np
import pytest
import torch

from recon_mm.models import ReConTransformer
from recon_mm.registry import MODELS
from recon_mm.visualization import attention_clouds, read_attention, token_names

POINTS = torch.rand(2, 64, 3, generator=torch.Generator().manual_seed(0))


SIZES = dict(embed_dims=24, depth=2, num_heads=2, num_groups=8, group_size=8)


@pytest.fixture
def backbone() -> ReConTransformer:
    return ReConTransformer(**SIZES, global_tokens=dict(cls=1, image=2)).eval()


def test_attention_is_the_models_own(backbone) -> None:
    """Read without a trace left in the model, or a change of what it computes."""
    attention, features = read_attention(backbone, POINTS)
    assert attention.shape == (2, 3, 8)
    torch.testing.assert_close(attention.sum(-1), torch.ones(2, 3))
    assert torch.equal(features.global_tokens, backbone(POINTS).global_tokens)
    assert not any(block.global_attn._forward_pre_hooks for block in backbone.blocks)
    first, _ = read_attention(backbone, POINTS, block=0)
    assert not torch.equal(first, attention)
    assert torch.equal(first, read_attention(backbone, POINTS, block=-2)[0])


@pytest.mark.parametrize('kind', ['ReConPPTransformer', 'CausalReConPPTransformer'])
def test_queries_of_the_successor(kind: str) -> None:
    backbone = MODELS.build(dict(type=kind, **SIZES)).eval()
    attention, _ = read_attention(backbone, POINTS, block=1)
    assert attention.shape == (2, 16, 8)
    torch.testing.assert_close(attention.sum(-1), torch.ones(2, 16))
    assert token_names(backbone)[::13] == ['image 1', 'text 1']


def test_a_block_that_is_not_there(backbone) -> None:
    with pytest.raises(ValueError, match='block 2: the backbone has 2, 0 to 1'):
        read_attention(backbone, POINTS, block=2)


def test_names(backbone) -> None:
    assert token_names(backbone) == ['cls', 'image 1', 'image 2']


def test_values_at_the_centers_are_those_of_the_patches() -> None:
    points = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    attention = np.array([[0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]])
    shape, first, uniform = attention_clouds(points, points[:4], attention, ['cls', 'text'], 'mug')
    assert [shape.title, first.title, uniform.title] == ['mug', 'cls', 'text']
    assert first.values is not None and uniform.values is not None
    np.testing.assert_allclose(first.values[:4], [2.8, 0.4, 0.4, 0.4], rtol=1e-3)
    np.testing.assert_allclose(uniform.values, 1, rtol=1e-5)
    assert first.values.min() >= 0.4 and first.values.max() <= 2.8 + 1e-4
