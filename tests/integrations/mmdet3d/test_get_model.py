"""A detector by its name in the model index; the caller holds no registry of mmdet3d."""

import pytest

pytest.importorskip('mmdet3d', reason='needs mmdet3d (requirements/mmdet3d.txt)')

from recon_mm.apis import get_model
from recon_mm.integrations.mmdet3d import ReConSceneBackbone


def test_a_detector_by_name() -> None:
    model = get_model('votenet_recon_8xb8_scannet-3d', device='cpu', backbone=dict(depth=2))
    assert type(model).__module__.startswith('mmdet3d.')
    assert isinstance(model.backbone, ReConSceneBackbone)
    assert model.cfg.model.backbone.depth == 2
