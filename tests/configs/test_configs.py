"""Every config: its recipe, and a few steps from end to end on demo data."""

import json
import math
from pathlib import Path

import pytest
import torch
from mmengine.config import Config, ConfigDict
from mmengine.runner import Runner

from tests.tiny import ROOT

NAMES = sorted(
    path.stem
    for path in (ROOT / 'configs/recon').glob('*.py')
    if '_folder' not in path.stem  # custom data: tests/datasets, tests/apis
)

# What a config of each kind reports, by the beginning of its name.
METRICS = {
    'classification': {'accuracy/overall', 'accuracy/mean_class'},
    'fewshot': {'accuracy/overall', 'accuracy/mean_class'},
    'linear_svm': {'svm/accuracy'},
    'part_segmentation': {
        'partseg/instance_miou', 'partseg/class_miou', 'partseg/accuracy',
    },
    'pretrain': {'svm/accuracy'},
    'semantic_segmentation': {'semseg/miou', 'semseg/macc', 'semseg/allacc'},
    'zeroshot': {'zeroshot/test_top1', 'zeroshot/test_top3', 'zeroshot/test_top5'},
}  # fmt: skip


def expected_metrics(name: str) -> set[str]:
    kind = next(kind for kind in METRICS if name.startswith(kind))
    more = METRICS['zeroshot'] if name == 'pretrain_shapenet_zeroshot' else set()
    return METRICS[kind] | more


def scalars(work_dir: str | Path) -> list[dict]:
    """What a run logged, one dictionary per record."""
    files = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


@pytest.mark.parametrize('name', NAMES)
def test_runs_end_to_end(name: str, tiny_config) -> None:
    cfg: Config = tiny_config(name)
    runner = Runner.from_cfg(cfg)
    if cfg.get('train_cfg'):
        before = {key: value.clone() for key, value in runner.model.state_dict().items()}
        runner.train()
        losses = [line['loss'] for line in scalars(cfg.work_dir) if 'loss' in line]
        assert len(losses) == 2
        assert all(math.isfinite(loss) and loss > 0 for loss in losses)
        check_trained(runner.model, before)
    metrics = runner.test()
    assert set(metrics) == expected_metrics(name)
    assert all(0 <= value <= 100 for value in metrics.values())


def test_a_third_modality_trains_from_a_config_alone(tiny_config, tmp_path: Path) -> None:
    cfg = tiny_config('../../tests/data/configs/pretrain_three_modalities')
    for key in ('val_cfg', 'val_dataloader', 'val_evaluator'):
        cfg[key] = None
    runner = Runner.from_cfg(cfg)
    before = {key: value.clone() for key, value in runner.model.state_dict().items()}
    runner.train()
    losses = [line['loss_normal'] for line in scalars(cfg.work_dir)]
    assert len(losses) == 2
    assert all(math.isfinite(loss) and loss > 0 for loss in losses)
    assert runner.model.backbone.normal_token.shape == (1, 2, 24)
    check_trained(runner.model, before)


def check_trained(model: torch.nn.Module, before: dict[str, torch.Tensor]) -> None:
    """What is to be trained has moved, what is frozen has not."""
    trained = {key for key, parameter in model.named_parameters() if parameter.requires_grad}
    moved = {key for key, value in model.state_dict().items() if not value.equal(before[key])}
    if getattr(model, 'protocol', 'full') != 'full':
        frozen = {key for key in before if key.startswith('backbone.')}
        assert trained & frozen == moved & frozen == {'backbone.cls_token', 'backbone.cls_pos'}
    assert len(trained & moved) > 0.9 * len(trained)


VOTING = [name for name in NAMES if name.startswith('classification') and 'full' in name]


@pytest.mark.parametrize('name', VOTING)
def test_votes(name: str, tiny_config) -> None:
    """As `tools/test.py --tta --seeds 0 1` sets it up."""
    cfg: Config = tiny_config(name)
    cfg.model = ConfigDict(**cfg.tta_model, module=cfg.model)
    cfg.test_cfg = dict(type='SeededTestLoop', seeds=(0, 1))
    metrics = Runner.from_cfg(cfg).test()
    assert set(metrics) == {
        f'accuracy/{kind}_{statistic}'
        for kind in ('overall', 'mean_class')
        for statistic in ('mean', 'std')
    }


# name: points, patches, batch, epochs, learning rate, drop path
RECIPES = {
    'pretrain_shapenet': (1024, 64, 128, 300, 5e-4, 0.1),
    'classification_modelnet40_1k_full': (1024, 64, 32, 300, 1e-5, 0.2),
    'classification_modelnet40_8k_full': (8192, 512, 32, 300, 1e-5, 0.2),
    'classification_modelnet40_1k_linear': (1024, 64, 32, 300, 1e-4, 0.2),
    'classification_modelnet40_8k_mlp3': (8192, 512, 32, 300, 5e-5, 0.2),
    'fewshot_modelnet40': (1024, 64, 32, 150, 5e-4, 0.1),
    'fewshot_modelnet40_drawn': (1024, 64, 32, 150, 5e-4, 0.1),
    'part_segmentation_shapenetpart': (2048, 128, 16, 300, 1e-4, 0.1),
}
for variant in ('obj_bg', 'obj_only', 'pb_t50_rs'):
    for protocol, lr in (('full', 2e-5), ('mlp3', 1e-4), ('linear', 1e-4)):
        name = f'classification_scanobjectnn_{variant}_{protocol}'
        RECIPES[name] = (2048, 128, 32, 300, lr, 0.2)


@pytest.mark.parametrize(('name', 'recipe'), RECIPES.items(), ids=RECIPES)
def test_recipe_is_the_paper_s(name: str, recipe: tuple) -> None:
    cfg = Config.fromfile(ROOT / 'configs/recon' / f'{name}.py')
    steps = [
        *cfg.model.data_preprocessor.get('train_transforms', ()),
        *cfg.train_dataloader.dataset.pipeline,
    ]
    found = (
        next(step.num_points for step in steps if 'num_points' in step),
        cfg.model.backbone.num_groups,
        cfg.train_dataloader.batch_size,
        cfg.train_cfg.max_epochs,
        cfg.optim_wrapper.optimizer.lr,
        cfg.model.backbone.drop_path_rate,
    )
    assert found == recipe
    cosine = cfg.param_scheduler[1]
    assert (cosine.begin, cosine.T_max, cosine.end, cosine.eta_min) == (
        10,
        recipe[3],
        recipe[3],
        1e-6,
    )
    if not name.startswith('pretrain'):
        assert cfg.optim_wrapper.clip_grad.max_norm == 10


# config: its learning rate, and what learns ten times as fast
FAST = {
    'classification_scanobjectnn_pb_t50_rs_full': (
        2e-5, ('head.', 'backbone.cls_token', 'backbone.cls_pos'),
    ),
    'part_segmentation_shapenetpart': (1e-4, ('head.', 'neck.')),
}  # fmt: skip


@pytest.mark.parametrize('name', FAST)
def test_what_is_not_pretrained_learns_ten_times_as_fast(name: str, tiny_config) -> None:
    lr, fast = FAST[name]
    cfg: Config = tiny_config(name)
    runner = Runner.from_cfg(cfg)
    optimizer = runner.build_optim_wrapper(cfg.optim_wrapper).optimizer
    names = {parameter: key for key, parameter in runner.model.named_parameters()}
    for group in optimizer.param_groups:
        for parameter in group['params']:
            key = names[parameter]
            assert group['lr'] == pytest.approx(10 * lr if key.startswith(fast) else lr), key
            kept = parameter.ndim == 1 or key.endswith('_token')
            assert group['weight_decay'] == (0 if kept else 0.05), key


def test_weights_of_pretraining_are_loaded_by_an_option(tiny_config, tmp_path) -> None:
    """`--cfg-options load_from=...`, from a checkpoint of a different task's model."""
    pretrained = Runner.from_cfg(tiny_config('pretrain_shapenet_reconstruct_only')).model
    torch.save(dict(state_dict=pretrained.state_dict()), tmp_path / 'pretrained.pth')
    for name in ('classification_modelnet40_1k_linear', 'part_segmentation_shapenetpart'):
        cfg = tiny_config(name)
        for key, value in dict(depth=2, out_indices=(0, 1, 1)).items():
            if key in cfg.model.backbone:
                cfg.model.backbone[key] = value
        if 'neck' in cfg.model:
            cfg.model.backbone.out_indices = (0, 1)
            cfg.model.neck.num_levels = cfg.model.head.num_levels = 2
        cfg.load_from = str(tmp_path / 'pretrained.pth')
        runner = Runner.from_cfg(cfg)
        runner.load_or_resume()
        loaded = runner.model.backbone.state_dict()
        for key, value in pretrained.backbone.state_dict().items():
            assert torch.equal(loaded[key], value), key
