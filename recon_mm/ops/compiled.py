"""Which of mmcv's compiled ops can run a tensor.

mmcv-lite has none of them; mmcv built without CUDA has no point ops for any device.
"""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import Any

from torch import Tensor

if find_spec('mmcv') is None:
    raise ImportError(
        "recon_mm needs mmcv and found none: 'pip install mmcv-lite==2.1.0' (no compiler needed), "
        'or mmcv built for your torch and CUDA (its CUDA ops are then used). Install one, never '
        'both: they are the same package'
    )


@cache
def has_cuda_ops() -> bool:
    """Whether the installed mmcv was built with its CUDA ops."""
    try:
        from mmcv.ops import get_compiling_cuda_version
    except ModuleNotFoundError as error:
        if error.name != 'mmcv._ext':
            raise
        return False  # mmcv-lite
    return get_compiling_cuda_version() != 'not available'


def compiled_op(name: str, tensor: Tensor) -> Callable[..., Any] | None:
    """Finds the compiled op of mmcv that can run ``tensor``.

    Args:
        name: As in ``mmcv.ops``, e.g. ``'furthest_point_sample'``.
        tensor: The input; only CUDA tensors have compiled point ops.

    Returns:
        The op, or None if torch has to do the work.
    """
    if not tensor.is_cuda or not has_cuda_ops():
        return None
    from mmcv import ops

    return getattr(ops, name)
