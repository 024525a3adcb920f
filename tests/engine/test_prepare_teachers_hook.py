from types import SimpleNamespace

import pytest
import torch
from mmengine.evaluator import Evaluator
from torch import nn

from recon_mm.engine.prepare_teachers_hook import PrepareTeachersHook
from recon_mm.evaluation import ZeroShotAccuracy
from recon_mm.models.teachers import CLIPTextTeacher, TimmImageTeacher
from recon_mm.registry import HOOKS

pytest.importorskip('open_clip')


class Model(nn.Module):
    def __init__(self, classes=None):
        super().__init__()
        self.image_teacher = TimmImageTeacher('test_vit', pretrained=None)
        self.text_teacher = CLIPTextTeacher(pretrained=None, classes=classes)


@pytest.fixture(autouse=True)
def quick_table(monkeypatch, tmp_path):
    """Only the hook is tested here, not the encoding of sentences."""
    monkeypatch.setenv('RECON_CACHE', str(tmp_path))
    monkeypatch.setattr(
        CLIPTextTeacher, '_compute', lambda self, classes, device: torch.zeros(len(classes), 60, 8)
    )


def make_runner(model, **metainfo):
    dataset = SimpleNamespace(metainfo=metainfo)
    return SimpleNamespace(model=model, train_dataloader=SimpleNamespace(dataset=dataset))


def run(runner):
    hook = HOOKS.build({'type': 'PrepareTeachersHook'})
    assert isinstance(hook, PrepareTeachersHook)
    hook.before_run(runner)
    hook.before_train(runner)


def test_takes_the_classes_and_loads_every_teacher(tmp_path):
    model = Model()
    run(make_runner(model, classes=('chair', 'table')))
    assert model.text_teacher.classes == ['chair', 'table']
    assert model.text_teacher._hidden.network.table.shape == (2, 60, 8)
    assert model.image_teacher._hidden.network is not None
    assert list(tmp_path.glob('sentences-*/table.npy'))


def test_finds_the_model_in_its_wrapper():
    from mmengine.model import MMDistributedDataParallel

    wrapper = MMDistributedDataParallel.__new__(MMDistributedDataParallel)
    nn.Module.__init__(wrapper)
    wrapper.module = Model()
    run(make_runner(wrapper, classes=('chair',)))
    assert wrapper.module.text_teacher.classes == ['chair']


def test_configured_classes_stay_if_their_number_matches():
    model = Model(classes=['a seat', 'a desk'])
    run(make_runner(model, classes=('chair', 'table')))
    assert model.text_teacher.classes == ['a seat', 'a desk']
    with pytest.raises(ValueError, match='configured with 2 classes and SimpleNamespace has 3'):
        run(make_runner(model, classes=('chair', 'table', 'lamp')))


def test_no_classes_anywhere():
    with pytest.raises(ValueError, match='has no classes in its METAINFO'):
        run(make_runner(Model()))


def test_metrics_know_what_the_tested_weights_were_trained_on():
    metric = ZeroShotAccuracy()
    model = Model()
    runner = SimpleNamespace(model=model, test_loop=SimpleNamespace(evaluator=Evaluator(metric)))
    hook = PrepareTeachersHook()
    hook.after_load_checkpoint(runner, {'meta': {'dataset_meta': {'classes': ('box', 'ball')}}})
    hook.before_test(runner)
    assert metric.text_teacher is model.text_teacher
    assert metric.reference is None
    model.zeroshot_centered = True
    hook.before_test(runner)
    assert metric.reference == ['box', 'ball']
