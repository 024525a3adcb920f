"""Every config of ReCon++: its recipe, and a few steps from end to end on demo data."""

import math

import pytest
import torch
from mmengine.config import Config, ConfigDict
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from recon_mm.apis import get_model
from recon_mm.models.release_reconpp import to_release
from recon_mm.registry import MODELS
from tests.tiny import ROOT

from .test_configs import METRICS, check_trained, scalars

SEEN: dict[str, str] = {}
NAMES = sorted(
    path.stem
    for path in (ROOT / 'configs/reconpp').glob('*.py')
    if '_folder' not in path.stem  # custom data: tests/apis/test_pretrain.py
)


def load(name: str) -> Config:
    return Config.fromfile(ROOT / 'configs/reconpp' / f'{name}.py')


def made_of(cfg: Config) -> str:
    """What a config runs, without its schedule."""
    content = cfg.to_dict()
    for key in ('work_dir', 'experiment_name', 'param_scheduler', 'auto_scale_lr'):
        content.pop(key, None)
    content['optim_wrapper']['optimizer'].pop('lr')
    return str(sorted(content.items()))


def expected_metrics(name: str) -> set[str]:
    if name.startswith(('zeroshot', 'pretrain_openshape_')):
        return METRICS['zeroshot']
    if name.startswith(('linear_svm', 'pretrain')):
        return METRICS['linear_svm']
    if name.startswith('part_segmentation'):
        return METRICS['part_segmentation']
    return METRICS['classification']


@pytest.mark.parametrize('name', NAMES)
def test_runs_end_to_end(name: str, tiny_config) -> None:
    cfg = tiny_config(f'../reconpp/{name}')
    cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None  # the test is the same
    if SEEN.setdefault(made_of(cfg), name) != name:
        return  # made small, it is the same as another one, which has run
    runner = Runner.from_cfg(cfg)
    if not name.startswith(('zeroshot', 'linear_svm')):
        before = {key: value.clone() for key, value in runner.model.state_dict().items()}
        runner.train()
        losses = [line['loss'] for line in scalars(cfg.work_dir) if 'loss' in line]
        assert len(losses) == 2
        assert all(math.isfinite(loss) and loss > 0 for loss in losses)
        check_trained(runner.model, before)
    metrics = runner.test()
    assert set(metrics) == expected_metrics(name)
    assert all(0 <= value <= 100 for value in metrics.values())


# millions of parameters, learning rate, mask ratio, epochs, queries
RECIPES = {
    'pretrain_openshape_small': (51, 5e-5, 0.7, 300, (13, 3)),
    'pretrain_openshape_base': (202, 1e-4, 0.7, 300, (13, 3)),
    'pretrain_openshape_large': (659, 5e-5, 0.7, 300, (13, 3)),
    'pretrain_openshape_giant': (2121, 2e-5, 0.7, 200, (13, 3)),
    'pretrain_openshape1k_small': (51, 5e-5, 0.7, 300, (13, 3)),
    'pretrain_openshape1k_base': (207, 1e-4, 0.7, 300, (13, 3)),
    'pretrain_openshape1k_large': (665, 5e-5, 0.7, 300, (13, 3)),
    'pretrain_hybrid_small': (51, 4e-5, 0.6, 300, (10, 1)),
    'pretrain_hybrid_base': (207, 1e-4, 0.7, 300, (10, 1)),
    'pretrain_hybrid_large': (665, 5e-5, 0.7, 300, (10, 1)),
}


@pytest.mark.parametrize(('name', 'recipe'), RECIPES.items(), ids=RECIPES)
def test_recipe_is_the_authors(name: str, recipe: tuple) -> None:
    """Built on the meta device, where giant takes no memory."""
    cfg = load(name)
    init_default_scope('recon_mm')
    with torch.device('meta'):
        model = MODELS.build(cfg.model)
    cosine = cfg.param_scheduler[1]
    assert (cosine.T_max, cosine.end) == (recipe[3], recipe[3])
    found = (
        pytest.approx(sum(p.numel() for p in model.parameters()) / 1e6, abs=0.6),
        cfg.optim_wrapper.optimizer.lr,
        cfg.model.masking.mask_ratio,
        cfg.train_cfg.max_epochs,
        tuple(cfg.model.backbone.global_tokens.values()),
    )
    assert found == recipe


# trained by pretraining and kept in its checkpoint: what fine-tuning and the test begin from
BEGIN_FROM = {
    'classification_scanobjectnn_pb_t50_rs_base': 'pretrain_openshape1k_base',
    'part_segmentation_shapenetpart_base': 'pretrain_openshape_base',
    'posttrain_hybrid_large': 'pretrain_hybrid_large_stage2',
    'zeroshot_lvis_base': 'pretrain_openshape_base',
}


@pytest.mark.parametrize(('name', 'pretraining'), BEGIN_FROM.items())
def test_begins_from_pretraining(name: str, pretraining: str, tiny_config, tmp_path) -> None:
    cfg, before = (tiny_config(f'../reconpp/{each}') for each in (name, pretraining))
    before.model.backbone.depth = cfg.model.backbone.depth
    theirs = Runner.from_cfg(before).model
    torch.save(dict(state_dict=theirs.state_dict()), tmp_path / 'pretrained.pth')
    cfg.load_from = str(tmp_path / 'pretrained.pth')
    runner = Runner.from_cfg(cfg)
    runner.load_or_resume()
    loaded, expected = runner.model.state_dict(), theirs.state_dict()
    new = {key.split('.')[0] for key in loaded.keys() - expected.keys()}
    assert new <= {'head', 'backbone', 'neck' if name.startswith('part') else 'head'}
    for key in loaded.keys() & expected.keys():
        assert torch.equal(loaded[key], expected[key]), key


def rates(cfg: Config) -> dict[str, tuple[float, float]]:
    """Learning rate over the config's, and weight decay, of every parameter."""
    runner = Runner.from_cfg(cfg)
    optimizer = runner.build_optim_wrapper(cfg.optim_wrapper).optimizer
    names = {parameter: key for key, parameter in runner.model.named_parameters()}
    lr = cfg.optim_wrapper.optimizer.lr
    return {
        names[parameter]: (pytest.approx(group['lr'] / lr), group['weight_decay'])
        for group in optimizer.param_groups
        for parameter in group['params']
    }


def test_what_is_decayed_in_pretraining(tiny_config) -> None:
    found = rates(tiny_config('../reconpp/pretrain_openshape1k_base'))
    assert found['backbone.sos'] == found['backbone.global_query'] == (1, 0.05)
    assert found['backbone.blocks.0.mlp.fc1.weight'] == (1, 0.05)
    assert found['backbone.blocks.0.mlp.fc1.bias'] == found['backbone.norm.weight'] == (1, 0)


def test_what_learns_fast_and_is_decayed_in_fine_tuning(tiny_config) -> None:
    """The authors' names with "cls": the token and the head, all of them decayed."""
    found = rates(tiny_config('../reconpp/classification_modelnet40_1k_base'))
    fast = {key: rate for key, rate in found.items() if rate[0] != 1}
    heads = {key for key in found if key.startswith('head.')}
    assert fast == dict.fromkeys(('backbone.cls_token', *heads), (10, 0.05))
    assert found['reconstruction_head.fc.weight'] == found['backbone.sos_pos'] == (1, 0.05)
    assert found['reconstruction_head.fc.bias'] == found['neck.norm.weight'] == (1, 0)


def test_votes(tiny_config) -> None:
    """The release's voting crashes; here it is ReCon's."""
    cfg = tiny_config('../reconpp/classification_scanobjectnn_pb_t50_rs_base')
    cfg.model = ConfigDict(**cfg.tta_model, module=cfg.model)
    cfg.test_cfg = dict(type='SeededTestLoop', seeds=(0,))
    metrics = Runner.from_cfg(cfg).test()
    assert {name.removesuffix('_mean').removesuffix('_std') for name in metrics} == METRICS[
        'classification'
    ]


def test_by_name_from_a_public_file(tmp_path) -> None:
    small = dict(embed_dims=24, depth=2, num_heads=2, num_groups=16, group_size=8)
    theirs = get_model('zeroshot_lvis_base', device='cpu', backbone=small)
    weights, _ = to_release(theirs.state_dict())
    path = tmp_path / 'best_lvis.pth'
    torch.save(dict(base_model={f'module.{k}': v for k, v in weights.items()}), path)
    ours = get_model('zeroshot_lvis_base', path, 'cpu', backbone=small)
    points = torch.rand(2, 60, 6)
    feature = ours.zeroshot_feature(ours(dict(points=points)))
    assert feature.shape == (2, 1280)
    assert torch.equal(feature, theirs.zeroshot_feature(theirs(dict(points=points))))
    with pytest.raises(ValueError, match=r'channels=6.*channels=3'):
        get_model('pretrain_openshape1k_base', path, 'cpu', backbone=small)
