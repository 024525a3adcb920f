"""Files of ReCon++'s authors, loaded by MMEngine; what differs is refused in words."""

from typing import Any

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint

from recon_mm.apis.convert import convert_release
from recon_mm.models.layers import TransformerBlock
from recon_mm.models.release_reconpp import to_release
from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

BACKBONE = dict(
    type='ReConPPTransformer',
    embed_dims=24,
    depth=2,
    num_heads=2,
    num_groups=12,
    group_size=4,
    channels=6,
)
CAUSAL = dict(type='CausalReConPPTransformer', channels=3)


@pytest.fixture(autouse=True)
def scope() -> None:
    init_default_scope('recon_mm')


def pretraining(backbone: Any = None, **kwargs: Any) -> Any:
    backbone = BACKBONE | (backbone or {})
    causal = backbone['type'].startswith('Causal')
    teacher = dict(type='CachedTeacher', feature_dims=8)
    modality = dict(head=dict(type='MatchingHead', feature_dims=8), teacher=teacher)
    return MODELS.build(
        dict(
            type='ReCon',
            backbone=backbone,
            masking=dict(type='CausalMasking' if causal else 'RandomMasking'),
            neck=dict(type='CausalPointDecoder', depth=1)
            if causal
            else dict(type='MaskedPointDecoder', plus=True, depth=1),
            reconstruction_head=dict(type='GenerationHead'),
            modalities=dict(image=modality, text=modality),
            **kwargs,
        )
    )


def classifier(**kwargs: Any) -> Any:
    return MODELS.build(
        dict(
            type='GenerativeClassifier',
            backbone=BACKBONE | CAUSAL | dict(global_tokens=dict(image=13, text=3, cls=1)) | kwargs,
            head=dict(type='PointClsHead', num_classes=3),
            neck=dict(type='CausalPointDecoder', depth=1),
            reconstruction_head=dict(type='GenerationHead'),
        )
    )


def public(model: Any, path: Any) -> str:
    """A file as the authors write it."""
    weights, unknown = to_release(model.state_dict())
    assert not unknown
    weights = {f'module.{name}': value for name, value in weights.items()}
    content = dict(base_model=weights, optimizer={}, epoch=7, best_acc=np.float64(53.2))
    torch.save(content, path)
    return str(path)


def test_a_public_file_loads_into_its_model(tmp_path) -> None:
    theirs, ours = pretraining(), pretraining()
    load_checkpoint(ours, public(theirs, tmp_path / 'best_lvis.pth'))
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value), name


def test_fine_tuning_begins_from_pretraining(tmp_path) -> None:
    theirs, ours = pretraining(CAUSAL), classifier()
    load_checkpoint(ours, public(theirs, tmp_path / 'in.pth'), strict=False)
    loaded, expected = ours.state_dict(), theirs.state_dict()
    fresh = [name for name in loaded if name not in expected]
    assert all(name.startswith(('head.', 'backbone.cls_token')) for name in fresh)
    assert all(torch.equal(value, loaded[n]) for n, value in expected.items() if n in loaded)


@pytest.mark.parametrize(
    ('options', 'message'),
    [
        (dict(global_tokens=dict(image=10, text=1)), 'queries=16.*queries=11'),
        (dict(channels=3), 'channels=6.*channels=3'),
        (dict(large_embedding=True), 'large_embedding=False.*large_embedding=True'),
        (dict(layer_scale=True), 'layer_scale=False.*layer_scale=True'),
        (dict(mlp_ratio=48 / 11), 'mlp_dims=96.*mlp_dims=104'),
        (dict(depth=3), 'depth=2.*depth=3'),
        (dict(type='ReConTransformer', embed_dims=24, depth=2, num_heads=2), 'this file is ReCon'),
    ],
)
def test_what_differs_is_refused(tmp_path, options, message) -> None:
    path = public(pretraining(), tmp_path / 'in.pth')
    wanted = options if options.get('type') else BACKBONE | options
    with pytest.raises(ValueError, match=message):
        load_checkpoint(MODELS.build(wanted), path)


def test_factors_of_layer_scale_are_not_lost_in_fine_tuning(tmp_path) -> None:
    theirs = pretraining(CAUSAL | dict(layer_scale=True))
    path = public(theirs, tmp_path / 'in.pth')
    ours = classifier(layer_scale=True)
    load_checkpoint(ours, path, strict=False)
    assert torch.equal(ours.backbone.blocks[1].ls2.weight, theirs.backbone.blocks[1].ls2.weight)
    with pytest.raises(ValueError, match=r'layer_scale=True.*layer_scale=False'):
        load_checkpoint(classifier(), path, strict=False)


def test_random_masks_to_causal_is_said(tmp_path, log) -> None:
    path = public(pretraining(dict(channels=3)), tmp_path / 'in.pth')
    load_checkpoint(classifier(), path, strict=False)
    assert 'the model is causal: the positions of the file are not used' in log.text


def test_random_masks_fine_tune_with_their_positions(tmp_path) -> None:
    """The option: a backbone of the pretraining's type, which generates nothing."""
    theirs = pretraining()
    path = public(theirs, tmp_path / 'in.pth')
    ours = MODELS.build(
        dict(
            type='GenerativeClassifier',
            backbone=BACKBONE | dict(global_tokens=dict(image=13, text=3, cls=1)),
            head=dict(type='PointClsHead', num_classes=3),
        )
    )
    load_checkpoint(ours, path, strict=False)
    expected = theirs.state_dict()
    for name, value in ours.backbone.state_dict().items():
        assert name == 'cls_token' or torch.equal(value, expected[f'backbone.{name}']), name
    samples = [PointDataSample(gt_label=torch.tensor([1])) for _ in range(2)]
    losses = ours(dict(points=torch.rand(2, 60, 6)), samples, mode='loss')
    assert set(losses) == {'loss', 'accuracy'}


@pytest.mark.parametrize('embed_dims', [55, 80, 1408])
def test_width_of_the_giant_mlp_is_rounded_down_from_the_exact_ratio(embed_dims) -> None:
    with torch.device('meta'):
        block = TransformerBlock(embed_dims, num_heads=1, mlp_ratio=48 / 11)
    assert block.mlp.fc1.out_features == embed_dims * 48 // 11


def test_there_and_back_by_the_command(tmp_path, capsys) -> None:
    model = pretraining(dict(large_embedding=True, layer_scale=True, mlp_ratio=48 / 11))
    path = public(model, tmp_path / 'theirs.pth')
    convert_release(tmp_path / 'theirs.pth', tmp_path / 'ours.pth')
    report = capsys.readouterr().out
    assert 'queries=16, channels=6, large_embedding=True, layer_scale=True' in report
    assert 'missing in the file: 0' in report
    assert 'with a different shape: 0' in report
    convert_release(tmp_path / 'ours.pth', tmp_path / 'back.pth', release=True)
    back = torch.load(tmp_path / 'back.pth', weights_only=True)['base_model']
    first = torch.load(path, weights_only=False)['base_model']
    assert {f'module.{name}' for name in back} == set(first)
    assert all(torch.equal(value, first[f'module.{name}']) for name, value in back.items())


def test_stage_two_begins_from_stage_one_with_fresh_global_blocks(tmp_path) -> None:
    first = pretraining(stage='reconstruct')
    path = tmp_path / 'stage1.pth'
    torch.save(dict(state_dict=first.state_dict()), path)
    second = pretraining(stage='contrast', stage1_checkpoint=str(path))
    fresh = {name: value.clone() for name, value in second.state_dict().items()}
    second.init_weights()
    for name, value in second.state_dict().items():
        source = fresh if name.startswith('backbone.global_blocks.') else first.state_dict()
        assert torch.equal(value, source[name]), name
    trained = {name for name, p in second.named_parameters() if p.requires_grad}
    assert not any(name.startswith(('neck', 'reconstruction_head')) for name in trained)
    assert 'backbone.global_query' in trained


def test_stage_one_with_other_queries_is_refused(tmp_path) -> None:
    path = tmp_path / 'stage1.pth'
    tokens = dict(global_tokens=dict(image=10, text=1))
    torch.save(dict(state_dict=pretraining(tokens).state_dict()), path)
    with pytest.raises(ValueError, match=r'queries=11.*queries=16'):
        pretraining(stage='contrast', stage1_checkpoint=str(path)).init_weights()


@pytest.mark.parametrize('eva', [False, True])
def test_weights_of_an_image_transformer_go_into_both_streams(tmp_path, eva) -> None:
    timm = pytest.importorskip('timm')
    name = 'vit_small_patch14_dinov2'
    options = dict(embed_dim=24, depth=2, num_heads=2, img_size=28)
    network = timm.create_model('eva_large_patch14_336' if eva else name, **options)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter)
    state = network.state_dict()
    torch.save(state, tmp_path / 'vit.pth')
    ours = MODELS.build(BACKBONE | dict(layer_scale=not eva, vit=str(tmp_path / 'vit.pth')))
    queries = ours.global_query.clone()
    ours.init_weights()
    block, global_block = ours.blocks[1], ours.global_blocks[1]
    qkv = state['blocks.1.attn.qkv.weight']
    assert torch.equal(block.attn.qkv.weight, qkv)
    assert torch.equal(global_block.attn.q.weight, qkv[:24])
    assert torch.equal(global_block.attn.kv.weight, qkv[24:])
    assert torch.equal(global_block.mlp.fc2.bias, state['blocks.1.mlp.fc2.bias'])
    tokens = torch.rand(2, 5, 24)
    with torch.no_grad():
        expected = network.blocks[1].attn(tokens)
    torch.testing.assert_close(block.attn(tokens), expected, rtol=1e-4, atol=1e-4)
    if not eva:
        assert torch.equal(global_block.ls1.weight, state['blocks.1.ls1.gamma'])
    assert torch.equal(ours.global_query, queries)
    with pytest.raises(ValueError, match='different architecture'):
        MODELS.build(BACKBONE | dict(depth=3, vit=str(tmp_path / 'vit.pth'))).init_weights()
