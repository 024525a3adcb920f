"""The parts of the network, each against a plain implementation or a property it must have."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from recon_mm.models.layers import (
    BlockMasking,
    CrossAttention,
    PatchEmbed,
    RandomMasking,
    ReConBlock,
    SelfAttention,
    SyncBatchNorm,
    TransformerBlock,
    drop_path_rates,
)


def plain_attention(query, key, value, num_heads):
    """Softmax attention, one head after the other."""
    heads = []
    for q, k, v in zip(*(t.chunk(num_heads, dim=-1) for t in (query, key, value))):
        weights = (q @ k.transpose(1, 2) / q.shape[-1] ** 0.5).softmax(-1)
        heads.append(weights @ v)
    return torch.cat(heads, dim=-1)


def test_self_attention_equals_the_loop_over_heads() -> None:
    layer, tokens = SelfAttention(12, 3), torch.rand(2, 5, 12)
    query, key, value = layer.qkv(tokens).chunk(3, dim=-1)
    expected = layer.proj(plain_attention(query, key, value, 3))
    torch.testing.assert_close(layer(tokens), expected)


def test_cross_attention_equals_the_loop_over_heads() -> None:
    layer, query, tokens = CrossAttention(12, 3), torch.rand(2, 3, 12), torch.rand(2, 5, 12)
    key, value = layer.kv(tokens).chunk(2, dim=-1)
    expected = layer.proj(plain_attention(layer.q(query), key, value, 3))
    torch.testing.assert_close(layer(query, tokens), expected)
    by_head = layer.weights(query, tokens) @ value.unflatten(2, (3, 4)).transpose(1, 2)
    torch.testing.assert_close(layer.proj(by_head.transpose(1, 2).flatten(2)), expected)


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(ValueError, match='embed_dims=10 is not a multiple of num_heads=3'):
        SelfAttention(10, 3)


def test_patch_embed_ignores_the_order_of_points() -> None:
    layer, neighborhood = PatchEmbed(24).eval(), torch.rand(2, 4, 8, 3)
    shuffled = neighborhood[:, :, torch.randperm(8)]
    torch.testing.assert_close(layer(shuffled), layer(neighborhood))


def test_batch_norm_of_one_process_is_torch_s() -> None:
    ours, theirs = SyncBatchNorm(6), nn.BatchNorm1d(6)
    rows = torch.rand(20, 6)
    torch.testing.assert_close(ours(rows), theirs(rows))
    torch.testing.assert_close(ours.running_var, theirs.running_var)


def test_residual_adds_to_the_normalized_stream() -> None:
    """With silent attention and MLP a block is its two norms, not the identity."""
    block = ReConBlock(12, 3)
    for name in ('attn', 'global_attn'):
        nn.init.zeros_(getattr(block, name).proj.weight)
        nn.init.zeros_(getattr(block, name).proj.bias)
    for name in ('mlp', 'global_mlp'):
        nn.init.zeros_(getattr(block, name).fc2.weight)
        nn.init.zeros_(getattr(block, name).fc2.bias)
    global_tokens, patch_tokens = torch.rand(2, 3, 12), torch.rand(2, 5, 12)
    new_global, new_patch = block(global_tokens, patch_tokens)
    twice = F.layer_norm(F.layer_norm(patch_tokens, (12,)), (12,))
    torch.testing.assert_close(new_patch, twice)
    twice = F.layer_norm(F.layer_norm(global_tokens, (12,)), (12,))
    torch.testing.assert_close(new_global, twice)


def test_patches_never_see_the_global_tokens() -> None:
    block, patches = ReConBlock(12, 3), torch.rand(2, 5, 12)
    _, first = block(torch.rand(2, 3, 12), patches)
    _, second = block(torch.rand(2, 3, 12), patches)
    _, without = block(None, patches)
    assert torch.equal(first, second)
    assert torch.equal(first, without)


def test_global_tokens_never_see_each_other() -> None:
    block, patches, tokens = ReConBlock(12, 3), torch.rand(2, 5, 12), torch.rand(2, 3, 12)
    changed = tokens.clone()
    changed[:, 1] = changed[:, 1].flip(-1)
    first, second = block(tokens, patches)[0], block(changed, patches)[0]
    torch.testing.assert_close(first[:, [0, 2]], second[:, [0, 2]])
    assert not torch.allclose(first[:, 1], second[:, 1])


@pytest.mark.parametrize('stop_gradient', [True, False])
def test_stop_gradient(stop_gradient: bool) -> None:
    block = ReConBlock(12, 3, stop_gradient=stop_gradient)
    patches = torch.rand(2, 5, 12, requires_grad=True)
    block(torch.rand(2, 3, 12), patches)[0].sum().backward()
    reached = patches.grad is not None and patches.grad.abs().sum() > 0
    assert reached is not stop_gradient


def test_transformer_block_is_pre_norm() -> None:
    block, tokens = TransformerBlock(12, 3), torch.rand(2, 5, 12)
    nn.init.zeros_(block.attn.proj.weight)
    nn.init.zeros_(block.attn.proj.bias)
    nn.init.zeros_(block.mlp.fc2.weight)
    nn.init.zeros_(block.mlp.fc2.bias)
    assert torch.equal(block(tokens), tokens)


def test_drop_path_grows_linearly() -> None:
    assert drop_path_rates(0.3, 4) == pytest.approx([0, 0.1, 0.2, 0.3])
    assert drop_path_rates(0.3, 1) == [0]
    for rate in (-0.1, 1, 2):
        with pytest.raises(ValueError, match=f'drop_path_rate is {rate}'):
            drop_path_rates(rate, 4)


@pytest.mark.parametrize('masking', [RandomMasking, BlockMasking])
def test_masking_splits_the_patches(masking) -> None:
    center = torch.rand(5, 32, 3)
    mask = masking(mask_ratio=0.6)(center)
    assert mask.masked.shape == (5, 19)
    both = torch.cat([mask.visible, mask.masked], dim=1).sort(dim=1).values
    assert torch.equal(both, torch.arange(32).expand(5, -1))
    for index in mask:
        assert torch.equal(index, index.sort(dim=1).values)
    assert not torch.equal(mask.masked[0], mask.masked[1])


def test_random_masking_is_uniform() -> None:
    masked = RandomMasking(0.5)(torch.zeros(4000, 8, 3)).masked
    share = masked.flatten().bincount(minlength=8) / 4000
    torch.testing.assert_close(share, torch.full((8,), 0.5), rtol=0, atol=0.05)


def test_block_masking_hides_the_nearest() -> None:
    """On a line the masked patches are neighbors of each other."""
    center = torch.zeros(6, 20, 3)
    center[..., 0] = torch.arange(20)
    masked = BlockMasking(0.3)(center).masked
    assert torch.equal(masked, masked[:, :1] + torch.arange(6))


@pytest.mark.parametrize('ratio', [0, 1, -0.1])
def test_mask_ratio_is_checked(ratio: float) -> None:
    with pytest.raises(ValueError, match='mask_ratio must lie between 0 and 1'):
        RandomMasking(ratio)
