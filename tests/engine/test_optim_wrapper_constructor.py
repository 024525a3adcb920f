"""Which parameters are decayed and how fast they learn."""

import torch
from mmengine.optim import build_optim_wrapper
from torch import nn


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
