"""The backbone alone: usable from Python and from another library's config."""

import pytest
import torch
from mmengine.registry import MODELS as ROOT_MODELS
from mmengine.registry import DefaultScope

import recon_mm  # noqa: F401 - what custom_imports does
from recon_mm.models import ReConTransformer

SIZE = dict(embed_dims=24, depth=3, num_heads=2, num_groups=16, group_size=8)


def test_from_python() -> None:
    features = ReConTransformer(**SIZE, out_indices=(0, 2))(torch.rand(2, 100, 3))
    assert features.global_tokens.shape == (2, 3, 24)
    assert features.patch_tokens.shape == (2, 16, 24)
    assert features.center.shape == (2, 16, 3)
    assert [level.shape for level in features.levels] == [(2, 16, 24)] * 2
    assert torch.equal(features.levels[1], features.patch_tokens)
    assert features.classification_feature().shape == (2, 4 * 24)
    assert features.probing_feature().shape == (2, 2 * 24)


def test_more_patches_in_eval_mode() -> None:
    model, points = ReConTransformer(**SIZE, test_num_groups=30), torch.rand(2, 100, 3)
    assert model.train()(points).patch_tokens.shape == (2, 16, 24)
    features = model.eval()(points)
    assert features.patch_tokens.shape == (2, 30, 24)
    same = ReConTransformer(**{**SIZE, 'num_groups': 30}).eval()
    same.load_state_dict(model.state_dict())
    torch.testing.assert_close(features.global_tokens, same(points).global_tokens)


def test_from_the_config_of_another_library() -> None:
    with DefaultScope.overwrite_default_scope('mmengine'):
        model = ROOT_MODELS.build(dict(type='recon_mm.ReConTransformer', **SIZE))
    assert isinstance(model, ReConTransformer)


def test_order_of_points_beyond_the_first_does_not_matter() -> None:
    model, points = ReConTransformer(**SIZE).eval(), torch.rand(2, 100, 3)
    order = torch.cat([torch.zeros(1, dtype=torch.long), 1 + torch.randperm(99)])
    first, second = model(points), model(points[:, order])
    torch.testing.assert_close(first.global_tokens, second.global_tokens)


def test_without_the_global_stream_the_patches_are_the_same() -> None:
    model, points = ReConTransformer(**SIZE).eval(), torch.rand(2, 100, 3)
    patches = model.group(points)
    expected = model.forward_patches(patches).patch_tokens
    actual = model.forward_patches(patches, with_global=False).patch_tokens
    assert torch.equal(actual, expected)


def test_gradient_reaches_every_parameter_in_fine_tuning() -> None:
    model = ReConTransformer(**SIZE)
    features = model(torch.rand(2, 100, 3))
    features.classification_feature().square().sum().backward()
    assert all(parameter.grad is not None for parameter in model.parameters())


def test_initialization() -> None:
    model = ReConTransformer(**{**SIZE, 'embed_dims': 192})
    assert model.blocks[0].mlp.fc1.weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert model.cls_token.std().item() == pytest.approx(0.02, rel=0.2)
    assert model.blocks[0].mlp.fc1.bias.abs().max() == 0


def test_global_parameters_are_those_of_the_global_stream() -> None:
    model = ReConTransformer(**SIZE)
    chosen = {id(parameter) for parameter in model.global_parameters()}
    names = {name for name, parameter in model.named_parameters() if id(parameter) in chosen}
    assert {'cls_token', 'image_pos', 'blocks.0.global_attn.kv.weight'} <= names
    assert not {'norm.weight', 'pos_embed.0.weight', 'blocks.0.attn.qkv.weight'} & names


@pytest.mark.parametrize(
    ('points', 'message'),
    [(torch.rand(2, 10, 3), '16'), (torch.rand(2, 100, 4), '3'), (torch.rand(100, 3), '3')],
)
def test_wrong_clouds(points: torch.Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ReConTransformer(**SIZE)(points)


def test_wrong_out_indices() -> None:
    with pytest.raises(ValueError, match=r'out_indices=\(3,\) must lie in 0..2'):
        ReConTransformer(**SIZE, out_indices=(3,))
