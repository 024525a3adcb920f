"""Checkpoints of several origins, loaded by MMEngine."""

import copy

import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint
from torch import Tensor, nn

from recon_mm.models import PartSegmentor, PointClassifier, ReCon, ReConTransformer
from recon_mm.models.checkpoint import own_tensors, unwrap
from recon_mm.models.release import to_release
from recon_mm.registry import MODELS

SIZE = dict(embed_dims=24, num_heads=2)
BACKBONE = dict(type='ReConTransformer', depth=2, num_groups=8, group_size=8, **SIZE)


@pytest.fixture(autouse=True)
def scope() -> None:
    init_default_scope('recon_mm')


def pretraining() -> ReCon:
    return MODELS.build(
        dict(
            type='ReCon',
            backbone=BACKBONE,
            masking=dict(type='RandomMasking'),
            neck=dict(type='MaskedPointDecoder', depth=1, **SIZE),
            reconstruction_head=dict(type='ReconstructionHead', embed_dims=24, group_size=8),
            self_contrast_head=dict(type='SelfContrastHead', embed_dims=24),
        )
    )


def classifier(**kwargs) -> PointClassifier:
    head = dict(type='PointClsHead', embed_dims=24, num_classes=3)
    return MODELS.build(dict(type='PointClassifier', backbone=BACKBONE | kwargs, head=head))


def segmentor() -> PartSegmentor:
    return MODELS.build(
        dict(
            type='PartSegmentor',
            backbone=BACKBONE | dict(out_indices=(1,)),
            neck=dict(type='FeaturePropagation', embed_dims=24, num_levels=1, out_dims=8),
            head=dict(
                type='PartSegHead',
                embed_dims=24,
                num_levels=1,
                point_dims=8,
                num_classes=3,
                parts_per_category=(1, 2),
            ),
        )
    )


def authors_pretraining(path, source: ReCon) -> None:
    renamed, unknown = to_release(source.state_dict())
    assert unknown == []
    weights = {f'module.{name}': value for name, value in renamed.items()}
    torch.save(dict(base_model=weights, epoch=300, optimizer=dict(state={})), path)


def same(first: nn.Module, second: nn.Module, prefix: str = '') -> bool:
    one, other = first.state_dict(), second.state_dict()
    names = [name for name in one if name.startswith(prefix)]
    return bool(names) and all(torch.equal(one[name], other[name]) for name in names)


@pytest.mark.parametrize('build', [classifier, segmentor])
@pytest.mark.parametrize('origin', ['ours', 'authors'])
def test_downstream_models_take_the_backbone(tmp_path, monkeypatch, build, origin) -> None:
    """One line says what was left out."""
    source, path = pretraining(), tmp_path / 'pretrained.pth'
    if origin == 'ours':
        torch.save(dict(state_dict=source.state_dict(), meta={}), path)
    else:
        authors_pretraining(path, source)
    lines = []
    monkeypatch.setattr('recon_mm.models.checkpoint.print_log', lambda text, _: lines.append(text))
    model = build()
    head = copy.deepcopy(model.head)
    load_checkpoint(model, str(path), map_location='cpu')
    assert same(model, source, 'backbone.')
    assert same(model.head, head)
    assert len(lines) == 1
    assert 'neck, reconstruction_head, self_contrast_head' in lines[0]


def test_checkpoints_of_version_0_1(tmp_path) -> None:
    """Its global tokens and heads had different names."""
    head = dict(type='CrossModalHead', feature_dims=6)
    teacher = dict(type='CachedImageTeacher', feature_dims=6)
    modalities = {name: dict(head=head, teacher=teacher) for name in ('image', 'text')}
    cfg = dict(type='ReCon', backbone=BACKBONE, modalities=modalities)
    source, model = MODELS.build(cfg), MODELS.build(cfg)
    former = {
        name.replace('heads.image.', 'image_head.')
        .replace('heads.text.', 'text_head.')
        .replace('.image_token', '.img_token')
        .replace('.image_pos', '.img_pos'): value
        for name, value in source.state_dict().items()
    }
    assert {'backbone.img_token', 'backbone.img_pos', 'text_head.fc.bias'} <= set(former)
    torch.save(dict(state_dict=former, meta={}), tmp_path / 'former.pth')
    load_checkpoint(model, str(tmp_path / 'former.pth'), map_location='cpu', strict=True)
    assert same(model, source)
    backbone = MODELS.build(BACKBONE)
    load_checkpoint(backbone, str(tmp_path / 'former.pth'), map_location='cpu')
    assert same(backbone, source.backbone)


def test_authors_files_of_every_task(tmp_path) -> None:
    for i, (build, wrapper) in enumerate(
        [(pretraining, 'base_model'), (classifier, 'base_model'), (segmentor, 'model_state_dict')]
    ):
        source, model, path = build(), build(), tmp_path / f'{i}.pth'
        prefix = 'MAE_encoder.' if build is pretraining else ''
        renamed, unknown = to_release(source.state_dict(), prefix)
        assert unknown == []
        torch.save({wrapper: renamed, 'epoch': 3}, path)
        load_checkpoint(model, str(path), map_location='cpu', strict=True)
        assert same(model, source)


def test_init_cfg_of_the_backbone_alone(tmp_path) -> None:
    """What a detector with this backbone writes into its config."""
    source, path = pretraining(), tmp_path / 'pretrained.pth'
    authors_pretraining(path, source)
    init = dict(type='Pretrained', checkpoint=str(path))
    backbone: ReConTransformer = MODELS.build(BACKBONE | dict(init_cfg=init))
    backbone.init_weights()
    assert same(backbone, source.backbone)


def test_own_checkpoint_loads_strictly_and_rejects_others() -> None:
    model, other = classifier(), classifier()
    model.load_state_dict(other.state_dict())
    assert same(model, other)
    with pytest.raises(RuntimeError, match='Unexpected'):
        model.load_state_dict({**other.state_dict(), 'something.else': torch.zeros(1)})
    state_dict = other.state_dict()
    del state_dict['head.layers.0.bias']
    with pytest.raises(RuntimeError, match='Missing'):
        model.load_state_dict(state_dict)


def test_copies_read_into_themselves() -> None:
    """As the moving average's copy does."""
    source, model = classifier(), classifier()
    twin = copy.deepcopy(model)
    twin.load_state_dict(source.state_dict())
    assert same(twin, source)
    assert not same(model, source)


@pytest.mark.parametrize(
    ('weights', 'message'),
    [
        (
            lambda: classifier(depth=3).state_dict(),
            'this file is embed_dims=24, depth=3; the model is embed_dims=24, depth=2',
        ),
        (lambda: {'conv1.weight': torch.zeros(3), 'fc.bias': torch.zeros(1)}, 'conv1.weight'),
    ],
)
def test_a_different_architecture_is_refused(weights, message) -> None:
    with pytest.raises(ValueError, match=message):
        classifier().load_state_dict(weights(), strict=False)


def test_point_mae_gives_the_patch_stream_only(monkeypatch) -> None:
    source, model = classifier(), classifier()
    weights: dict[str, Tensor] = {
        name: value
        for name, value in to_release(source.state_dict(), '')[0].items()
        if 'contrast' not in name and not name.startswith(('img_', 'text_', 'cls_head'))
    }
    lines = []
    monkeypatch.setattr('recon_mm.models.checkpoint.print_log', lambda text, _: lines.append(text))
    before = model.backbone.blocks[0].global_attn.q.weight.clone()
    model.load_state_dict(weights, strict=False)
    assert same(model.backbone.blocks[1].attn, source.backbone.blocks[1].attn)
    assert torch.equal(model.backbone.blocks[0].global_attn.q.weight, before)
    assert any('no global stream' in line for line in lines)


def test_unwrap_keeps_tensors_only() -> None:
    weight = torch.rand(2)
    assert unwrap(dict(base_model={'module.a': weight}, epoch=1)) == {'a': weight}
    assert unwrap({'a': weight, 'note': 'x'}) == {'a': weight}
    assert 'head.layers.0.weight' in own_tensors(classifier())
