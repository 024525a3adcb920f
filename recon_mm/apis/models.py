"""Models ready for use: from a config, or by the names of the model index.

recon-mm models
recon-mm models 'classification_*'
"""

from collections.abc import Sequence
from copy import deepcopy
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.fileio import load
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint

from recon_mm.registry import MODELS
from recon_mm.utils.commands import CommandParser, command
from recon_mm.utils.config import read_config
from recon_mm.utils.shipped import find_config, nearest, shipped

from .config_checks import override


def init_model(
    config: str | Path | Config,
    checkpoint: str | Path | None = None,
    device: str | torch.device | None = None,
    cfg_options: dict[str, Any] | None = None,
) -> Any:
    """Builds the model of a config and loads its weights.

    Args:
        config: A config, its path, or its name in the package (``'recon/pretrain_shapenet'``).
        checkpoint: Weights, of this package or of the authors' release; ``None`` leaves the model
            untrained.
        device: Where the model computes; by default a GPU if there is one.
        cfg_options: Overrides of the config, as in ``--cfg-options``.

    Returns:
        The model in eval mode; ``model.cfg`` is its config, with the overrides.

    Raises:
        FileNotFoundError: If there is no such config or checkpoint.
        ValueError: If the architecture of the checkpoint differs, or nothing reads an override.
    """
    given = config if isinstance(config, Config) else read_config(find_config(config))
    cfg: Any = deepcopy(given)  # the caller's stays unchanged
    if cfg_options:
        override(cfg, cfg_options)
    init_default_scope(cfg.get('default_scope', 'recon_mm'))
    model = MODELS.build(cfg.model)
    if checkpoint is not None:
        load_checkpoint(model, str(checkpoint), map_location='cpu')
    model.cfg = cfg
    return model.to(device or get_device()).eval()


def get_model(
    name: str,
    checkpoint: str | Path | None = None,
    device: str | torch.device | None = None,
    **overrides: Any,
) -> Any:
    """Builds a model by its name in the model index.

    Args:
        name: One of :func:`list_models`.
        checkpoint: As in :func:`init_model`.
        device: As in :func:`init_model`.
        **overrides: Overrides of the config's ``model``, e.g. ``backbone=dict(depth=2)``.

    Returns:
        The model in eval mode, as :func:`init_model` gives it.

    Raises:
        KeyError: If the index has no such name; the message suggests the nearest.
    """
    index = _model_index()
    if name not in index:
        raise KeyError(f"no model '{name}' in the model index. {nearest(name, index)}")
    return init_model(index[name], checkpoint, device, {'model': overrides} if overrides else None)


def find_model(name: str | Path) -> Path:
    """The config of a model of the index, by its name, or of a path or name of a config.

    Raises:
        FileNotFoundError: If there is none; the message suggests the nearest.
    """
    return _model_index().get(str(name)) or find_config(name)


def list_models(pattern: str | None = None) -> list[str]:
    """The names of the model index, sorted.

    Args:
        pattern: Shell-style pattern that names must match, e.g. ``'pretrain_*'``.
    """
    return sorted(name for name in _model_index() if fnmatch(name, pattern or '*'))


def _model_index() -> dict[str, Path]:
    """The config of every model of the index, by its name."""
    models = [
        model
        for metafile in load(shipped('model-index.yml'))['Import']
        for model in load(shipped(metafile))['Models']
    ]
    return {model['Name']: shipped(model['Config']) for model in models}


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Lists the models of the index; returns the exit status."""
    parser = CommandParser(__doc__, prog)
    parser.add_argument('pattern', nargs='?', help="of the names, e.g. 'pretrain_*'")
    names = list_models(parser.parse_args(argv).pattern)
    index, width = _model_index(), max(map(len, names), default=0)
    for name in names:
        print(f'{name:{width}}  {index[name]}')
    if not names:
        raise ValueError(f'no model of the index matches. {nearest("", index)}')
    return 0
