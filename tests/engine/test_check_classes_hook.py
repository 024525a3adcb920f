"""A head whose classes differ from the data set's is refused before the first batch."""

from types import SimpleNamespace

import pytest
from mmengine.runner import Runner

from recon_mm.engine.check_classes_hook import check_classes


def model(num_classes: int) -> SimpleNamespace:
    return SimpleNamespace(head=SimpleNamespace(num_classes=num_classes))


def test_classes_parts_and_wrappers() -> None:
    shapes = SimpleNamespace(metainfo=dict(classes=('cup', 'hat')))
    parts = SimpleNamespace(metainfo=dict(classes=('cup', 'hat'), parts=((0, 1), (2,))))
    check_classes(SimpleNamespace(module=model(2)), shapes)
    check_classes(model(3), parts)
    check_classes(SimpleNamespace(), shapes)  # no head: pretraining
    check_classes(model(3), SimpleNamespace())  # no names: nothing to compare with
    with pytest.raises(ValueError, match=r'head has 3 classes, SimpleNamespace has 2: set'):
        check_classes(SimpleNamespace(module=model(3)), shapes)
    with pytest.raises(ValueError, match=r'head has 2 classes, SimpleNamespace has 3'):
        check_classes(model(2), parts)


@pytest.mark.parametrize('run', ['train', 'test'])
def test_before_the_first_batch(tiny_config, run: str) -> None:
    cfg = tiny_config('classification_modelnet40_1k_full')
    cfg.model.head.num_classes = 15
    runner = Runner.from_cfg(cfg)
    with pytest.raises(ValueError, match=r'15 classes, ModelNet has 40: .*num_classes=40'):
        getattr(runner, run)()
