"""A detector by its name in the model index; the caller holds no registry of mmdet3d."""

import pytest
import torch

pytest.importorskip('mmdet3d', reason='needs mmdet3d (requirements/mmdet3d.txt)')

from recon_mm.apis import get_model
from recon_mm.integrations.mmdet3d import ReConPPSceneBackbone, ReConSceneBackbone


def test_a_detector_by_name() -> None:
    model = get_model('votenet_recon_8xb8_scannet-3d', device='cpu', backbone=dict(depth=2))
    assert type(model).__module__.startswith('mmdet3d.')
    assert isinstance(model.backbone, ReConSceneBackbone)
    assert model.cfg.model.backbone.depth == 2


def test_reconpp_by_type() -> None:
    backbone = dict(type='recon_mm.ReConPPSceneBackbone', embed_dims=48, depth=2, num_heads=3)
    model = get_model('votenet_recon_8xb8_scannet-3d', device='cpu', backbone=backbone)
    assert isinstance(model.backbone, ReConPPSceneBackbone)
    seeds = model.backbone(torch.rand(1, 2000, 4))['fp_features'][-1]
    assert seeds.shape == (1, 256, 1024)
    with pytest.raises(ValueError, match='ReConPPSceneBackbone was built for in_channels=4'):
        model.backbone(torch.rand(1, 2000, 3))
