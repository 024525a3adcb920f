"""Lets torch's safe loading read MMEngine's own checkpoints, and nothing more.

Since torch 2.6 ``torch.load`` unpickles tensors and plain containers only. MMEngine's checkpoints
also hold log histories (``HistoryBuffer``, numpy arrays), so they could neither be resumed nor
loaded. Allowing exactly these types keeps the check on: a file with anything else is refused.
"""

import pickle
from importlib import import_module

import numpy as np
import torch
from mmengine.logging import HistoryBuffer


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


def allow_mmengine_checkpoints() -> None:
    """Allows the types in MMEngine's checkpoints for ``torch.load(weights_only=True)``.

    Called when :mod:`recon_mm.models` or :mod:`recon_mm.engine` is imported, as any run does.
    """
    core = 'numpy._core' if hasattr(np, '_core') else 'numpy.core'
    multiarray = import_module(f'{core}.multiarray')
    # Both spellings, so that a file written with numpy 1 loads with numpy 2 and the reverse.
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
