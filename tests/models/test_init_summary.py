"""``init_weights()`` in a few lines."""

import pytest

from recon_mm.models import ReConTransformer
from recon_mm.registry import MODELS


def test_one_line_for_a_backbone(log: pytest.LogCaptureFixture) -> None:
    backbone = ReConTransformer(embed_dims=24, depth=2, num_heads=2)
    count = len(list(backbone.parameters()))
    backbone.init_weights()
    assert log.messages == [f'ReConTransformer: init_weights() changed 0 of {count} parameters']


def test_changed_parameters_are_counted(log: pytest.LogCaptureFixture, tiny_config) -> None:
    cfg = tiny_config('classification_modelnet40_1k_full').model
    cfg.init_cfg = dict(type='Constant', layer='LayerNorm', val=0.5)
    model = MODELS.build(cfg)
    model.init_weights()
    norms = sum('norm' in name and name.endswith('weight') for name, _ in model.named_parameters())
    assert norms > 0
    (message,) = [text for text in log.messages if 'init_weights() changed' in text]
    assert message.startswith('PointClassifier: init_weights() changed ')
    assert int(message.split()[3]) > 0
