"""Weights of the teachers: local files, their identity, and the untrained stand-in."""

import contextlib
import hashlib
import logging
import os
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from recon_mm.utils.optional import require
from recon_mm.utils.safe_checkpoint import CheckpointError, load_from_file

from .packages import WEIGHT_SUFFIXES, is_package, package_file

UNTRAINED_SEED = 0
_warned: set[str] = set()


def is_file_name(pretrained: str | bool | None) -> bool:
    """Whether ``pretrained`` names a local weight file or a package, not a tag of the library."""
    return isinstance(pretrained, str) and (
        is_package(pretrained)
        or pretrained.endswith(WEIGHT_SUFFIXES)
        or os.sep in pretrained
        or Path(pretrained).is_file()
    )


def weights_id(pretrained: str | None) -> str:
    """Identity of weights: the content of a file, a tag, or the seed of untrained ones."""
    if not pretrained:
        # The random numbers of a seed may differ between releases of torch.
        return f'untrained, seed {UNTRAINED_SEED}, torch {torch.__version__}'
    if is_file_name(pretrained):
        path = _existing(pretrained)
        return _sha256(str(path), path.stat().st_mtime_ns)
    return f'tag {pretrained}'


def warn_untrained(teacher: str) -> None:
    """Warns, once per process and teacher, that its targets are meaningless."""
    if teacher in _warned:
        return
    _warned.add(teacher)
    print_log(
        f'{teacher} HAS NO PRETRAINED WEIGHTS (pretrained=None): its features come from an '
        'untrained network with random weights. This is for tests and demonstrations; a model '
        'trained on such targets learns no language or image semantics. Set pretrained to a tag '
        'or a weight file for real training.',
        logger='current',
        level=logging.WARNING,
    )


@contextlib.contextmanager
def fixed_seed() -> Iterator[None]:
    """Networks built inside get the same random weights in every process and resumed run.

    The student's random state is unchanged afterward, whether or not a teacher was built. Only
    the CPU generator is used: ``torch.manual_seed`` would set those of the GPUs as well.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(UNTRAINED_SEED)
        yield


def read_weights(file: str) -> dict[str, Tensor]:
    """Reads a state dict from a ``.safetensors`` file or one written by ``torch.save``.

    Args:
        file: The file, or ``'package:NAME'``; a state dict inside ``'state_dict'`` or ``'model'``
            is found, a ``module.`` prefix is removed.

    Raises:
        ImportError: If there is no such package.
        FileNotFoundError: If there is no such file.
        ValueError: If it holds no plain state dict.
    """
    path = _existing(file)
    try:
        if path.suffix == '.safetensors':
            content = require('safetensors.torch', 'teachers').load_file(str(path))
        else:
            _refuse_torchscript(path)
            content = load_from_file(path)
    except (ImportError, CheckpointError):
        raise
    except Exception as error:  # whatever bytes do to a reader: these are no weights
        raise CheckpointError(
            f"'{path}' cannot be read ({type(error).__name__}: {error}), expected a state dict of "
            'plain weights written by torch.save, or .safetensors'
        ) from error
    for key in ('state_dict', 'model'):
        if isinstance(content.get(key), dict):
            content = content[key]
    state = {
        key.removeprefix('module.'): value
        for key, value in content.items()
        if isinstance(key, str) and isinstance(value, Tensor)
    }
    if not state:
        raise ValueError(f'{path} holds no named tensors, expected a state dict')
    return state


def load_exactly(
    network: nn.Module, state: dict[str, Tensor], file: str, ignore: tuple[str, ...] = ()
) -> None:
    """Loads weights that must match exactly.

    Args:
        network: Receives the weights.
        state: The weights.
        file: Where they come from, for the message.
        ignore: Prefixes of keys in the file that the network does not need.

    Raises:
        ValueError: If keys are missing, left over, or of a different shape.
    """
    wanted = network.state_dict()
    state = {k: v for k, v in state.items() if k in wanted or not k.startswith(ignore)}
    missing = sorted(wanted.keys() - state.keys())
    left_over = sorted(state.keys() - wanted.keys())
    shapes = [
        f'{k}: {tuple(state[k].shape)} instead of {tuple(wanted[k].shape)}'
        for k in wanted.keys() & state.keys()
        if state[k].shape != wanted[k].shape
    ]
    if missing or left_over or shapes:
        raise ValueError(
            f'the weights in {file} are of a different architecture: '
            f'{len(missing)} missing {missing[:3]}, {len(left_over)} unexpected {left_over[:3]}, '
            f'{len(shapes)} of a different shape {sorted(shapes)[:3]}; check model_name'
        )
    network.load_state_dict(state)


def rename_by_order(state: dict[str, Tensor], network: nn.Module, file: str) -> dict[str, Tensor]:
    """Gives weights the names of a network that has the same layers under different names.

    Args:
        state: The weights, in the order of the layers.
        network: The network.
        file: Where they come from, for the message.

    Raises:
        ValueError: If at any place the last part of the name or the shape differs.
    """
    wanted = network.state_dict()
    found = [(key.rpartition('.')[2], tuple(value.shape)) for key, value in state.items()]
    expected = [(key.rpartition('.')[2], tuple(value.shape)) for key, value in wanted.items()]
    if found != expected:
        pairs = zip(found, expected)
        first = next(
            (i for i, (a, b) in enumerate(pairs) if a != b), min(map(len, (state, wanted)))
        )
        raise ValueError(
            f'the weights in {file} are of a different architecture: {len(found)} arrays for '
            f'{len(expected)}, and array {first} is {found[first : first + 1]}, expected '
            f'{expected[first : first + 1]}; check model_name'
        )
    return dict(zip(wanted, state.values()))


def _existing(file: str) -> Path:
    if is_package(file):
        return package_file(file)
    path = Path(file).expanduser()
    if not path.is_file():
        raise FileNotFoundError(
            f'{path}: no such weight file; download it, or set pretrained to a tag or to None '
            '(untrained, for tests)'
        )
    return path


def _refuse_torchscript(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if not any(name.endswith('/constants.pkl') for name in archive.namelist()):
            return
    raise CheckpointError(
        f'{path} is a TorchScript archive (as OpenAI publishes CLIP), which can run code when '
        'read. If you trust it, convert it to plain weights once:\n'
        f"  python -c \"import torch; m = torch.jit.load('{path}', map_location='cpu'); "
        f"torch.save(dict(m.state_dict()), '{path.stem}_weights.pt')\"\n"
        'and set pretrained to that file.'
    )


@lru_cache(maxsize=32)
def _sha256(path: str, mtime: int) -> str:
    digest = hashlib.sha256()
    with open(path, 'rb') as file:
        while block := file.read(2**22):
            digest.update(block)
    return f'sha256 {digest.hexdigest()}'
