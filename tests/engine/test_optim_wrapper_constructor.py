"""Which parameters are decayed and how fast they learn."""

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from torch import nn

from recon_mm.models import ReConTransformer


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, 4))
        self.cls_pos = nn.Parameter(torch.zeros(1, 1, 4))
        self.backbone = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4))
        self.head = nn.Linear(4, 2)
        self.frozen = nn.Linear(4, 4).requires_grad_(False)


def test_groups_merge_and_factors_multiply() -> None:
    model = Model()
    wrapper = build_optim_wrapper(
        model,
        dict(
            constructor='recon_mm.GroupedOptimWrapperConstructor',
            optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05),
            paramwise_cfg=dict(
                flat_decay_mult=0.0,
                custom_keys={
                    '_token': dict(decay_mult=0.0),
                    'head': dict(lr_mult=10.0),
                    'cls_': dict(lr_mult=10.0),
                },
            ),
        ),
    )
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    groups = {
        (round(group['lr'], 6), group['weight_decay']): {names[id(p)] for p in group['params']}
        for group in wrapper.optimizer.param_groups
    }
    assert groups == {
        (1e-3, 0.05): {'backbone.0.weight'},
        (1e-3, 0.0): {'backbone.0.bias', 'backbone.1.weight', 'backbone.1.bias'},
        (1e-2, 0.05): {'head.weight', 'cls_pos'},
        (1e-2, 0.0): {'head.bias', 'cls_token'},
    }
    assert wrapper.optimizer.param_groups[0]['lr'] == 1e-3


def test_a_key_may_decay_vectors() -> None:
    model = Model()
    paramwise = dict(flat_decay_mult=0.0, custom_keys={'head': dict(flat_decay_mult=1.0)})
    wrapper = build_optim_wrapper(
        model,
        dict(
            constructor='recon_mm.GroupedOptimWrapperConstructor',
            optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05),
            paramwise_cfg=paramwise,
        ),
    )
    decay = {
        p: group['weight_decay']
        for group in wrapper.optimizer.param_groups
        for p in group['params']
    }
    assert decay[model.head.bias] == decay[model.head.weight] == 0.05
    assert decay[model.backbone[0].bias] == 0.0


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone = ReConTransformer(embed_dims=24, depth=2, num_heads=2)
        self.head = nn.Linear(24, 2)


def test_learning_rate_falls_toward_the_input() -> None:
    model = Classifier()
    wrapper = build_optim_wrapper(
        model,
        dict(
            constructor='recon_mm.GroupedOptimWrapperConstructor',
            optimizer=dict(type='AdamW', lr=1.0),
            paramwise_cfg=dict(layer_decay_rate=0.5, custom_keys={'head': dict(lr_mult=10.0)}),
        ),
    )
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    groups = wrapper.optimizer.param_groups
    rate = {names[id(p)]: group['lr'] for group in groups for p in group['params']}
    assert rate['head.weight'] == 10
    assert rate['backbone.norm.weight'] == 1
    assert rate['backbone.blocks.1.attn.qkv.weight'] == 0.5
    assert rate['backbone.blocks.0.mlp.fc1.bias'] == 0.25
    assert rate['backbone.patch_embed.point_fc1.weight'] == 0.125
    assert rate['backbone.pos_embed.0.weight'] == rate['backbone.cls_pos'] == 0.125
    assert rate.keys() == set(names.values())
    assert len(groups) == 5


def test_layer_decay_needs_a_backbone_that_names_its_layers() -> None:
    with pytest.raises(TypeError, match='Sequential has none'):
        build_optim_wrapper(
            Model(),
            dict(
                constructor='recon_mm.GroupedOptimWrapperConstructor',
                optimizer=dict(type='AdamW', lr=1.0),
                paramwise_cfg=dict(layer_decay_rate=0.5),
            ),
        )


@pytest.mark.parametrize(
    ('paramwise', 'message'),
    [
        (dict(flat_decay_mul=0.0), "'flat_decay_mul', which is unknown. Did you mean flat_decay"),
        (dict(norm_decay_mult=0.0), "'norm_decay_mult', which is unknown"),
        (
            dict(custom_keys={'head': dict(lr=2.0)}),
            r"custom_keys\['head'\] has 'lr', which is unknown",
        ),
    ],
)
def test_unknown_keys_are_refused(paramwise: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build_optim_wrapper(
            Model(),
            dict(
                constructor='recon_mm.GroupedOptimWrapperConstructor',
                optimizer=dict(type='AdamW', lr=1e-3, weight_decay=0.05),
                paramwise_cfg=paramwise,
            ),
        )
