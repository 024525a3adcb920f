"""The backbones of ReCon++ where no reference vector looks."""

import pytest
import torch

from recon_mm.models import CausalReConPPTransformer, ReConPPTransformer
from recon_mm.models.layers import CausalMasking, directions, sine_position

SIZE = dict(embed_dims=24, depth=2, num_heads=2, num_groups=16, group_size=8)
KINDS = (ReConPPTransformer, CausalReConPPTransformer)


@pytest.mark.parametrize('kind', KINDS)
def test_shapes_and_a_frozen_global_stream(kind) -> None:
    model = kind(**SIZE, global_tokens=dict(image=4, text=2, cls=1), out_indices=(0, 1)).eval()
    features = model(torch.rand(2, 100, 3))
    assert features.global_tokens.shape == (2, 7, 24)
    assert features.patch_tokens.shape == (2, 16, 24)
    assert [level.shape for level in features.levels] == [(2, 16, 24)] * 2
    assert features.classification_feature().shape == (2, 4 * 24)
    tokens, patches = features.global_tokens, features.patch_tokens.amax(1)
    expected = [tokens[:, 6], tokens[:, :4].amax(1), tokens[:, 4:6].amax(1), patches]
    assert torch.equal(features.classification_feature(), torch.cat(expected, dim=1))
    alone = model.forward_patches(model.group(torch.rand(2, 100, 3)), with_global=False)
    assert alone.global_tokens.shape == (2, 7, 24)


def test_causal_tokens_do_not_see_later_patches() -> None:
    model = CausalReConPPTransformer(**SIZE).eval()
    patches = model.group(torch.rand(1, 100, 3))
    before = model.forward_patches(patches).patch_tokens
    changed = patches.neighborhood.clone()
    changed[:, 9] += 1
    after = model.forward_patches(patches._replace(neighborhood=changed)).patch_tokens
    assert torch.equal(before[:, :10], after[:, :10])  # token 9 has seen patches 0 to 8
    assert not torch.allclose(before[:, 10:], after[:, 10:])


def test_patches_in_greedy_order_keep_their_points() -> None:
    model, points = CausalReConPPTransformer(**SIZE, channels=6), torch.rand(2, 100, 6)
    patches = model.group(points)
    step = (patches.center[:, 1:] - patches.center[:, :-1]).norm(dim=-1)
    assert torch.equal(patches.center_index[:, 0], torch.zeros(2, dtype=torch.int64))
    rows = torch.arange(2)[:, None, None]
    absolute = patches.neighborhood[..., :3] + patches.center[:, :, None]
    torch.testing.assert_close(absolute, points[rows, patches.group_index][..., :3])
    assert torch.equal(patches.neighborhood[..., 3:], points[rows, patches.group_index][..., 3:])
    assert step.mean() < torch.cdist(patches.center, patches.center).mean()


def test_channels_must_be_those_of_the_backbone() -> None:
    with pytest.raises(ValueError, match='the points have 6 channels, the backbone 3'):
        ReConPPTransformer(**SIZE)(torch.rand(1, 50, 6))


def test_cls_comes_last() -> None:
    with pytest.raises(ValueError, match="expected 'cls' as the last one"):
        ReConPPTransformer(**SIZE, global_tokens=dict(cls=1, image=2))


@pytest.mark.parametrize('num_groups', [8, 10, 40])
def test_causal_masks(num_groups) -> None:
    center = torch.rand(3, num_groups, 3)
    mask = CausalMasking(mask_ratio=0.7)(center)
    num_hidden = int(max(num_groups - 10, 0) * 0.7)
    seen = mask.attention
    hidden = set(range(num_groups)) - set(mask.visible[0].tolist())
    assert len(hidden) == num_hidden
    assert all(seen[:, j].sum() == 1 for j in hidden)
    assert all(j >= 10 for j in hidden)
    assert seen.diagonal().all() and not seen.triu(1).any()
    assert mask.visible.shape == (3, num_groups - num_hidden)
    assert seen[:, mask.visible[0]].sum(0).tolist() == [num_groups - j for j in mask.visible[0]]
    assert mask.masked.tolist() == [list(range(num_groups))] * 3


def test_sine_positions_have_one_frequency() -> None:
    center = torch.rand(2, 5, 3)
    position = sine_position(center, 100)
    assert position.shape == (2, 5, 100)
    assert not position[..., 96:].any()
    torch.testing.assert_close(position, sine_position(center + 1, 100), rtol=0, atol=1e-5)
    x = 2 * torch.pi * center[..., 0]
    torch.testing.assert_close(position[..., 30], x.sin())
    torch.testing.assert_close(position[..., 31], x.cos())


def test_directions_of_equal_centers_are_zero_with_a_finite_gradient() -> None:
    center = torch.ones(1, 3, 3, requires_grad=True)
    step = directions(center)
    assert not step[:, 1:].any()
    step.sum().backward()
    assert torch.isfinite(center.grad).all()


def test_layers_of_both_streams_have_a_depth() -> None:
    model = CausalReConPPTransformer(**SIZE)
    names = dict(sos=0, global_query=0, patch_embed=0, blocks=2, global_blocks=2, norm=3)
    for name, depth in names.items():
        whole = f'backbone.{name}.1.x' if name.endswith('blocks') else f'backbone.{name}'
        assert model.get_layer_depth(whole, 'backbone.') == (depth, 4), name
