"""What is allowed in a config and its overrides; what is refused is in test_bad_inputs."""

import pytest
from mmengine.config import Config

from recon_mm.apis.config_checks import check_config, check_options
from tests.tiny import ROOT

PRETRAINING = ROOT / 'configs/recon/pretrain_shapenet.py'


@pytest.mark.parametrize(
    'path', sorted((ROOT / 'configs/recon').glob('*.py')), ids=lambda path: path.stem
)
def test_shipped_configs_are_sound(path) -> None:
    check_config(Config.fromfile(path, format_python_code=False))


@pytest.mark.parametrize(
    'options',
    [
        {'load_from': 'x.pth', 'resume': True, 'experiment_name': 'x', 'log_level': 'WARNING'},
        {'optim_wrapper.max_skipped': 3, 'optim_wrapper.clip_grad.max_norm': 1},
        {'optim_wrapper.clip_grad.type': 'value', 'optim_wrapper.clip_grad.clip_value': 1},
        {'log_level': 10},
        {'optim_wrapper.type': 'AmpOptimWrapper', 'optim_wrapper.loss_scale': 'dynamic'},
        {'model.backbone.init_cfg.type': 'Pretrained', 'model.backbone.init_cfg.checkpoint': 'x'},
        {'visualizer.vis_backends.0.type': 'TensorboardVisBackend'},
        {'custom_hooks.0.priority': 'LOW', 'default_hooks.ema.type': 'EMAHook'},
        {'model.image_teacher.pretrained': None},
        {'model.modalities.image': None, 'model.neck': None, 'val_evaluator': None},
        {'randomness.deterministic': True, 'env_cfg.resource_limit': 4096},
        {'train_dataloader.dataset.skip_corrupt': True, 'train_dataloader.prefetch_factor': 3},
        {'model_wrapper_cfg.type': 'MMDistributedDataParallel', 'find_unused_parameters': True},
        {'model.backbone.drop_path_rate': 0, 'param_scheduler': []},
    ],
    ids=lambda options: next(iter(options)),
)
def test_new_keys_that_something_reads_are_allowed(options) -> None:
    cfg = Config.fromfile(PRETRAINING, format_python_code=False)
    check_options(cfg, options)
    cfg.merge_from_dict(options)
    check_config(cfg)


def test_custom_names_are_allowed_at_the_top() -> None:
    names = dict(my_depth=12, classes=['chair'], my_optim_wrapper={}, eval_dataloader={})
    check_config(Config(dict(model=dict(type='ReCon'), **names)))
