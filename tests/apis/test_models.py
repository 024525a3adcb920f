"""Models by config and by name."""

import pytest
import torch
from mmengine.config import Config

from recon_mm.apis import get_model, init_model, list_models
from recon_mm.models import PointClassifier, ReCon

SMALL = dict(embed_dims=24, depth=2, num_heads=2, num_groups=16, group_size=8)
CLASSIFIER = 'classification_modelnet40_1k_full'


def small_classifier(checkpoint=None, depth: int = 2):
    head = dict(embed_dims=24)
    return get_model(CLASSIFIER, checkpoint, 'cpu', backbone={**SMALL, 'depth': depth}, head=head)


def test_overrides_make_the_model_and_stay_in_its_config() -> None:
    model = small_classifier()
    assert isinstance(model, PointClassifier)
    assert not model.training
    assert len(model.backbone.blocks) == model.cfg.model.backbone.depth == 2
    assert model.cfg.model.head.num_classes == 40  # not overridden


def test_weights_are_loaded_and_refused_if_the_depth_differs(tmp_path) -> None:
    trained = small_classifier()
    torch.save(dict(state_dict=trained.state_dict()), tmp_path / 'trained.pth')
    loaded = small_classifier(tmp_path / 'trained.pth')
    for name, value in trained.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value), name
    with pytest.raises(ValueError, match='depth=2; the model is embed_dims=24, depth=3'):
        small_classifier(tmp_path / 'trained.pth', depth=3)


def test_a_config_given_is_not_changed(tiny_config) -> None:
    cfg: Config = tiny_config('pretrain_demo_no_teachers')
    before = cfg.pretty_text
    model = init_model(cfg, device='cpu', cfg_options={'model.backbone.drop_path_rate': 0.25})
    assert isinstance(model, ReCon)
    assert model.cfg.model.backbone.drop_path_rate == 0.25
    assert cfg.pretty_text == before


@pytest.mark.parametrize(
    ('option', 'message'),
    [
        ({'modle.backbone.depth': 2}, "'modle' is nothing that a run reads. Did you mean model"),
        ({'model.backbone.dept': 2}, "'model.backbone.dept' is .* Did you mean depth"),
        ({'model.backbone.depth': 'abc'}, "'model.backbone.depth' is 'abc', expected a number"),
        ({'model': {'backbone': {'dept': 2}}}, "'model.backbone.dept' is .* Did you mean depth"),
    ],
)
def test_overrides_that_nothing_reads_are_refused(tiny_config, option: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        init_model(tiny_config('pretrain_demo_no_teachers'), device='cpu', cfg_options=option)


@pytest.mark.parametrize(
    'name', ['recon/pretrain_demo_no_teachers.py', 'recon_mm::recon/pretrain_demo_no_teachers']
)
def test_a_config_of_the_package_by_name(name: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = {f'model.backbone.{key}': value for key, value in SMALL.items()}
    options |= {'model.neck.embed_dims': 24, 'model.reconstruction_head.embed_dims': 24}
    options |= {'model.neck.num_heads': 2, 'model.reconstruction_head.group_size': 8}
    assert isinstance(init_model(name, device='cpu', cfg_options=options), ReCon)


def test_list_by_pattern() -> None:
    names = list_models()
    assert names == sorted(names)
    assert {CLASSIFIER, 'votenet_recon_8xb8_scannet-3d'} < set(names)
    assert list_models('zeroshot_modelnet??') == ['zeroshot_modelnet10', 'zeroshot_modelnet40']
    assert list_models('resnet*') == []


def test_unknown_names_suggest_the_nearest() -> None:
    with pytest.raises(KeyError, match=r"no model 'pretrain_shapenets'.*mean pretrain_shapenet "):
        get_model('pretrain_shapenets')
    with pytest.raises(FileNotFoundError, match=r'mean recon/pretrain_shapenet\.py '):
        init_model('recon/pretrain_shapenets.py')
