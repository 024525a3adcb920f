"""Reads checkpoints without executing or trusting anything in them.

``torch.load(weights_only=True)`` unpickles tensors and plain containers only. MMEngine's
checkpoints also hold log histories (``HistoryBuffer``, numpy arrays), so they could neither be
resumed nor loaded. Allowing exactly these types keeps the check on: a file with anything else is
refused. Content that MMEngine itself would act on is removed: it executes the config text of
``meta`` when a run is resumed, and deletes the file that ``message_hub`` names as the best
checkpoint.
"""

import pickle
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np
import torch
from mmengine.dist import barrier, get_local_rank
from mmengine.logging import HistoryBuffer
from mmengine.runner import CheckpointLoader

from .shipped import nearest


def _history_buffer_method(owner: type, name: str) -> object:
    """Stands for ``getattr``, by which ``HistoryBuffer`` pickles its own four statistics.

    Raises:
        pickle.UnpicklingError: For any other owner or name.
    """
    if owner is not HistoryBuffer or name not in ('min', 'max', 'current', 'mean'):
        raise pickle.UnpicklingError(
            f'the checkpoint asks for {owner!r}.{name}, which no MMEngine checkpoint holds; '
            'it is refused because it could run code'
        )
    return getattr(HistoryBuffer, name)


class CheckpointError(ValueError):
    """The file is not a checkpoint, is damaged, or could run code."""


def find_checkpoint(filename: str | Path) -> Path:
    """The path of a checkpoint that is there.

    Raises:
        FileNotFoundError: If there is no such file; names those nearest.
    """
    path = Path(filename).expanduser()
    if not path.is_file():
        folder = (path if path.is_dir() else path.parent).absolute()
        names = sorted(file.name for file in folder.glob('*.pth'))
        hint = nearest(path.name, names) if names else 'No .pth file is there.'
        raise FileNotFoundError(f"no checkpoint '{path}' (looked in '{folder}'). {hint}")
    return path


def load_from_file(filename: str | Path, map_location: Any = 'cpu', **_: Any) -> dict[str, Any]:
    """Reads a checkpoint; every route of MMEngine comes here (:func:`register_loaders`).

    Args:
        filename: A local file.
        map_location: As ``torch.load`` takes it.

    Returns:
        Its content, without the config text of a run and without paths of its checkpoints.

    Raises:
        FileNotFoundError: If there is no such file.
        CheckpointError: If it cannot be read, or holds anything but tensors, numbers, text,
            containers and MMEngine's log histories.
    """
    path = find_checkpoint(filename)
    try:
        checkpoint = torch.load(path, map_location=map_location, weights_only=True)
    except Exception as error:  # whatever the reader stumbles on: the file is no checkpoint
        reason = f'{type(error).__name__}: {error}'.splitlines()[0]
        raise CheckpointError(
            f"'{path}' ({path.stat().st_size} bytes) cannot be read as a checkpoint ({reason}), "
            'expected a file that torch.save wrote, of tensors, numbers and containers. It is '
            'damaged, or holds objects that could run code: copy it again from its source'
        ) from error
    if not isinstance(checkpoint, dict):
        raise CheckpointError(
            f"'{path}' holds a {type(checkpoint).__name__}, expected a dictionary of weights"
        )
    weights = checkpoint.get('state_dict', checkpoint)  # other files are their weights themselves
    if not isinstance(weights, dict) or not weights or not all(type(k) is str for k in weights):
        raise CheckpointError(
            f"'{path}' holds a {type(weights).__name__} without names of weights, "
            'expected a dictionary from names to tensors'
        )
    for name, value in weights.items():
        if isinstance(value, torch.Tensor) and (
            value.layout is not torch.strided
            or value.is_meta
            or value.is_quantized
            or value.is_complex()
        ):
            raise CheckpointError(
                f"'{path}' has '{name}' as {value.dtype} ({value.layout}, on {value.device}), "
                'expected a dense tensor of real numbers'
            )
    _disarm(checkpoint)
    return checkpoint


def _disarm(checkpoint: dict[str, Any]) -> None:
    """Removes what MMEngine would execute, or would take for a path to delete."""
    meta = checkpoint.get('meta')
    if isinstance(meta, dict):
        meta.pop('config', None)
    hub = checkpoint.get('message_hub')
    runtime_info = hub.get('runtime_info') if isinstance(hub, dict) else None
    if isinstance(runtime_info, dict):
        for key, value in list(runtime_info.items()):
            is_score = 'best_score' in str(key) and type(value) in (int, float)
            if str(key).startswith(('best_', 'last_ckpt')) and not is_score:
                del runtime_info[key]
        steps = runtime_info.get('keep_ckpt_ids', [])
        valid = isinstance(steps, list) and all(type(step) is int for step in steps)
        runtime_info['keep_ckpt_ids'] = steps if valid else []


def load_from_http(url: str, map_location: Any = None, **_: Any) -> dict[str, Any]:
    """Downloads once per machine, then reads the file like any other."""
    path = Path(torch.hub.get_dir(), 'checkpoints', Path(urlparse(url).path).name)
    if get_local_rank() == 0 and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(path))
    barrier()
    return load_from_file(path, map_location)


def register_loaders() -> None:
    """Makes MMEngine read checkpoints with :func:`load_from_file`.

    Called when :mod:`recon_mm.models` or :mod:`recon_mm.engine` is imported, as any run does:
    ``load_from``, resuming, ``init_cfg`` and ``mmengine.runner.load_checkpoint`` all ask the loader
    that is registered. ``torch.load(weights_only=True)`` then reads MMEngine's checkpoints, too.
    """
    _allow_mmengine_checkpoints()
    CheckpointLoader.register_scheme('', load_from_file, force=True)
    CheckpointLoader.register_scheme(('http://', 'https://'), load_from_http, force=True)


def _allow_mmengine_checkpoints() -> None:
    """Allows the types in MMEngine's checkpoints for ``torch.load(weights_only=True)``."""
    core = 'numpy._core' if hasattr(np, '_core') else 'numpy.core'
    multiarray = import_module(f'{core}.multiarray')
    # Both spellings, so that a file written with numpy 1 loads with numpy 2 and vice versa.
    numpy_functions = [
        (getattr(multiarray, function), f'{module}.multiarray.{function}')
        for module in ('numpy._core', 'numpy.core')
        for function in ('_reconstruct', 'scalar')
    ]
    scalars = (np.bool_, np.int32, np.int64, np.float32, np.float64)
    dtype_classes = [type(np.dtype(scalar)) for scalar in scalars]
    torch.serialization.add_safe_globals(
        [
            HistoryBuffer,
            (_history_buffer_method, 'builtins.getattr'),
            np.ndarray,
            np.dtype,
            *numpy_functions,
            *dtype_classes,
        ]
    )
