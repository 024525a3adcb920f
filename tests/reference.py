"""Weights of the reference vectors: a pure function of the parameter's name."""

import json
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


def reference_state_dict(folder: Path, model: str | None = None) -> dict[str, Tensor]:
    """State dict of the release, as the reference's README defines its values.

    Args:
        folder: A folder of the reference vectors.
        model: The model's table where the file holds several.
    """
    shapes = json.loads((folder / 'state_dict_shapes.json').read_text())
    if model is not None:
        shapes = shapes[model]
    # ReCon's tables give shapes, ReCon++'s [shape, dtype].
    sizes = {name: s[0] if s and isinstance(s[0], list) else s for name, s in shapes.items()}
    return {name: _value(name, shape) for name, shape in sizes.items()}


def _value(name: str, shape: list[int]) -> Tensor:
    if name.endswith('num_batches_tracked'):
        return torch.zeros(shape, dtype=torch.int64)
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    value = rng.standard_normal(shape).astype(np.float32)
    if name.endswith('running_var'):
        value = 1 + 0.1 * np.abs(value)
    elif len(shape) == 1 and name.endswith('weight'):
        value = 1 + 0.05 * value
    else:
        value = 0.05 * value
    return torch.from_numpy(np.asarray(value, dtype=np.float32))


def reference_vectors(folder: Path) -> dict[str, Tensor]:
    """All input and output vectors of a folder, as tensors."""
    with np.load(folder / 'vectors.npz') as vectors:
        return {name: torch.from_numpy(vectors[name]) for name in vectors.files}
