"""mmcv's point ops on CPU tensors, within a ``with`` block.

mmcv compiles these ops for GPUs only, so mmdet3d's point detectors cannot run a step on the CPU.
Within the block the autograd functions of mmcv that have a twin in ``cpu_point_functions`` look at
their input: CPU tensors go to the twin, all others to mmcv as before.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor

from recon_mm.utils.optional import require

# The modules that imported a plain function of mmcv.ops by name.
_USERS_OF_POINTS_IN_BOXES = (
    *('mmcv.ops', 'mmcv.ops.points_in_boxes'),
    'mmdet3d.structures.bbox_3d.base_box3d',
)


@contextmanager
def point_ops_on_cpu() -> Iterator[None]:
    """Lets mmdet3d's point modules run on CPU tensors inside the block.

    Covered: ``furthest_point_sample``, ``ball_query``, ``knn``, ``gather_points``,
    ``grouping_operation``, ``three_nn``, ``three_interpolate``, ``RoIPointPool3d``,
    ``points_in_boxes_all`` and ``points_in_boxes_part``: what VoteNet, GroupFree3D, H3DNet,
    PointNet++ segmentors and PointRCNN call. Results equal mmcv's, except for equally far points.
    ``loss.backward()`` must run inside the block too. Not thread-safe.

    As a config option: :class:`CPUPointOpsHook`.

    Raises:
        ImportError: If mmdet3d, or an mmcv with ops, is not installed.
    """
    require('mmdet3d', 'mmdet3d')
    functions = importlib.import_module(f'{__package__}.cpu_point_functions')
    with ExitStack() as stack:
        for original, twin in functions.TWINS.items():
            for name in ('forward', 'backward'):
                chosen = staticmethod(_by_device(getattr(original, name), getattr(twin, name)))
                _swap(stack, original, name, chosen)
        for name in ('points_in_boxes_all', 'points_in_boxes_part'):
            for user in map(importlib.import_module, _USERS_OF_POINTS_IN_BOXES):
                chosen = _by_device(getattr(user, name), getattr(functions, name))
                _swap(stack, user, name, chosen)
        yield


def _swap(stack: ExitStack, owner: Any, name: str, value: Any) -> None:
    stack.callback(setattr, owner, name, vars(owner)[name])
    setattr(owner, name, value)


def _by_device(original: Callable, twin: Callable) -> Callable:
    def chosen(*args: Any, **kwargs: Any) -> Any:
        tensors = [arg for arg in (*args, *kwargs.values()) if isinstance(arg, Tensor)]
        on_cpu = tensors[0].device.type == 'cpu'
        return (twin if on_cpu else original)(*args, **kwargs)

    return chosen
