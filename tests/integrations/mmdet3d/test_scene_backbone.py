"""The scene backbone alone, without mmdet3d."""

import pytest
import torch
from mmengine.registry import MODELS as ROOT_MODELS
from mmengine.registry import DefaultScope

from recon_mm.integrations.mmdet3d import ReConPPSceneBackbone, ReConSceneBackbone
from recon_mm.models import ReConPPTransformer, ReConTransformer
from recon_mm.models.release import to_release

TINY = dict(embed_dims=48, depth=3, num_heads=3, num_groups=20, group_size=8)


def scene(num_points=500, channels=0):
    xyz = torch.rand(2, num_points, 3) * torch.tensor([8.0, 6.0, 3.0]) + 20
    return torch.cat([xyz, torch.rand(2, num_points, channels)], dim=-1)


def test_returns_what_point_backbones_of_mmdet3d_return():
    points = scene(channels=4)
    out = ReConSceneBackbone(in_channels=7, out_channels=32, **TINY)(points)
    assert set(out) == {
        *('fp_xyz', 'fp_features', 'fp_indices'),
        *('sa_xyz', 'sa_features', 'sa_indices'),
    }
    seeds, index = out['fp_xyz'][-1], out['fp_indices'][-1]
    assert out['fp_features'][-1].shape == (2, 32, 20)
    assert index.dtype == torch.int64 and index.shape == (2, 20)
    for cloud in range(2):  # seeds are points of the scene, in meters
        assert torch.equal(seeds[cloud], points[cloud, index[cloud], :3])
    assert torch.equal(out['sa_xyz'][0], points[..., :3])
    assert torch.equal(out['sa_features'][0], points[..., 3:].transpose(1, 2))
    assert torch.equal(out['sa_indices'][0], torch.arange(500).expand(2, -1))
    assert out['sa_xyz'][1] is seeds and out['sa_features'][1] is out['fp_features'][-1]


def test_points_without_further_channels_have_no_features():
    assert ReConSceneBackbone(**TINY)(scene())['sa_features'][0] is None


@pytest.mark.parametrize(
    ('transformer', 'scene_backbone', 'channels'),
    [
        (ReConTransformer, ReConSceneBackbone, 3),
        (ReConPPTransformer, ReConPPSceneBackbone, 3),
        (ReConPPTransformer, ReConPPSceneBackbone, 6),
    ],
)
def test_is_the_pretrained_transformer_on_a_scaled_scene(transformer, scene_backbone, channels):
    """In the units of pretraining, around the middle, it computes what the transformer does."""
    torch.manual_seed(1)
    options = {**TINY, 'channels': 6} if channels == 6 else TINY
    plain = transformer(**options).eval()
    backbone = scene_backbone(patch_unit=2.0, position_unit=2.0, **options).eval()
    backbone.load_state_dict(plain.state_dict())
    points = scene()
    middle = points.mean(1, keepdim=True)
    gray = torch.full_like(points, 0.4)[..., : channels - 3]
    expected = plain(torch.cat([(points - middle) / 2, gray], dim=-1)).patch_tokens
    features = backbone(points)['fp_features'][-1].transpose(1, 2)
    torch.testing.assert_close(features, expected, rtol=1e-4, atol=1e-4)


def test_further_channels_start_without_effect_and_learn():
    plain = ReConSceneBackbone(**TINY)
    backbone = ReConSceneBackbone(in_channels=4, **TINY)
    backbone.load_state_dict(plain.state_dict(), strict=False)
    points = scene(channels=1)
    features = backbone(points)['fp_features'][-1]
    assert torch.equal(features, plain(points[..., :3])['fp_features'][-1])
    (features * torch.randn_like(features)).sum().backward()
    assert backbone.channel_embed.fc2.weight.grad.abs().max() > 0
    torch.nn.init.normal_(backbone.channel_embed.fc2.weight)
    other = torch.cat([points[..., :3], 1 - points[..., 3:]], dim=-1)
    assert not torch.allclose(
        backbone.eval()(points)['fp_features'][-1], backbone(other)['fp_features'][-1]
    )


def test_a_scene_of_100_000_points():
    backbone = ReConSceneBackbone(**{**TINY, 'num_groups': 64, 'group_radius': 0.4}).eval()
    features = backbone(scene(100_000))['fp_features'][-1]
    assert features.shape == (2, 48, 64) and features.isfinite().all()


def test_fewer_points_than_seeds():
    with pytest.raises(ValueError, match='num_groups=20, expected 1 to 10'):
        ReConSceneBackbone(**TINY)(scene(10))


def test_where_the_scene_lies_does_not_matter():
    backbone = ReConSceneBackbone(**TINY).eval()
    points = scene()
    moved = backbone(points + torch.tensor([64.0, -32.0, 8.0]))
    torch.testing.assert_close(
        moved['fp_features'][-1], backbone(points)['fp_features'][-1], rtol=1e-3, atol=1e-3
    )


def test_patches_of_a_radius():
    backbone = ReConSceneBackbone(group_radius=0.7, **TINY)
    groups = backbone.group(scene())
    assert (groups.neighborhood.norm(dim=-1) < 0.7).all()


def test_tokens_of_several_blocks_are_joined():
    backbone = ReConSceneBackbone(out_indices=(0, 2), **TINY)
    assert backbone(scene())['fp_features'][-1].shape == (2, 96, 20)


@pytest.mark.parametrize(
    ('kind', 'frozen_too'),
    [
        (ReConSceneBackbone, {'cls_token', 'blocks.0.global_attn.q.weight'}),
        (ReConPPSceneBackbone, {'global_query', 'global_blocks.0.attn.q.weight'}),
    ],
)
def test_every_trained_parameter_gets_a_gradient(kind, frozen_too):
    """Otherwise data parallelism over several GPUs waits forever."""
    backbone = kind(in_channels=4, out_channels=16, **TINY)
    features = backbone(scene(channels=1))['fp_features'][-1]
    (features * torch.randn_like(features)).sum().backward()
    without = [n for n, p in backbone.named_parameters() if p.requires_grad and p.grad is None]
    assert not without
    frozen = {n for n, p in backbone.named_parameters() if not p.requires_grad}
    assert frozen_too <= frozen
    assert all('global_' in n or n.endswith(('_token', '_pos')) for n in frozen)


@pytest.mark.parametrize('frozen_stages', [0, 2, 3])
def test_frozen_stages_stay_as_they_are(frozen_stages):
    backbone = ReConSceneBackbone(frozen_stages=frozen_stages, drop_path_rate=0.5, **TINY).train()
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in backbone.parameters() if p.requires_grad], lr=1.0)
    features = backbone(scene())['fp_features'][-1]
    (features * torch.randn_like(features)).sum().backward()
    optimizer.step()
    changed = {
        name.split('.')[0] + (f'.{name.split(".")[1]}' if 'blocks' in name else '')
        for name, value in backbone.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == {'norm', *(f'blocks.{i}' for i in range(frozen_stages, 3))}
    assert not backbone.patch_embed.training and not backbone.pos_embed.training


def test_pretrained_weights_by_init_cfg_and_by_load_from(tmp_path):
    pretrained = ReConTransformer(**{**TINY, 'num_groups': 64})
    weights = {f'backbone.{name}': value for name, value in pretrained.state_dict().items()}
    file = tmp_path / 'pretrained.pth'
    torch.save({'state_dict': {**weights, 'neck.mask_token': torch.zeros(1)}}, file)
    with DefaultScope.overwrite_default_scope('mmengine'):
        backbone = ROOT_MODELS.build(
            dict(
                type='recon_mm.ReConSceneBackbone',
                in_channels=4,
                init_cfg=dict(type='Pretrained', checkpoint=str(file)),
                **TINY,
            )
        )
    backbone.init_weights()
    own = backbone.state_dict()
    for name, value in pretrained.state_dict().items():
        assert torch.equal(own[name], value), name

    detector = torch.nn.Module()  # load_from: by the names alone
    detector.backbone = ReConSceneBackbone(in_channels=4, **TINY)
    missing = detector.load_state_dict(weights, strict=False).missing_keys
    assert {name.split('.')[1] for name in missing} == {'channel_embed'}


def test_weights_of_the_release_by_init_cfg(tmp_path):
    pretrained = ReConTransformer(**TINY)
    weights = {f'backbone.{name}': value for name, value in pretrained.state_dict().items()}
    file = tmp_path / 'release.pth'
    theirs, unknown = to_release(weights)
    assert not unknown
    torch.save({'base_model': {f'module.{name}': value for name, value in theirs.items()}}, file)
    backbone = ReConSceneBackbone(init_cfg=dict(type='Pretrained', checkpoint=str(file)), **TINY)
    backbone.init_weights()
    for name, value in pretrained.state_dict().items():
        assert torch.equal(backbone.state_dict()[name], value), name


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(in_channels=2), 'in_channels=2, expected at least 3'),
        (dict(frozen_stages=4), r'frozen_stages=4 must lie in -1\.\.3'),
        (dict(patch_unit=0.0), 'patch_unit=0.0'),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        ReConSceneBackbone(**TINY, **options)


def test_points_with_other_channels():
    with pytest.raises(ValueError, match=r'have 4 channels, .* in_channels=3'):
        ReConSceneBackbone(**TINY)(scene(channels=1))


@pytest.mark.cuda
def test_a_large_scene_on_the_gpu():
    backbone = ReConSceneBackbone(in_channels=4, num_groups=1024, group_radius=0.4).cuda()
    features = backbone(scene(100_000, channels=1).cuda())['fp_features'][-1]
    features.square().mean().backward()
    assert features.shape == (2, 384, 1024) and features.isfinite().all()
