"""The config option for point detectors on the CPU."""

from contextlib import ExitStack

from mmengine.hooks import Hook
from mmengine.runner import Runner

from recon_mm.registry import HOOKS

from .cpu_point_ops import point_ops_on_cpu


@HOOKS.register_module()
class CPUPointOpsHook(Hook):
    """Holds :func:`point_ops_on_cpu` open from the start of a run to its end.

    ``custom_hooks = [dict(type='recon_mm.CPUPointOpsHook')]``: for demos, debugging and tests. On
    GPU tensors it changes nothing.
    """

    def __init__(self) -> None:
        self._open = ExitStack()

    def before_run(self, runner: Runner) -> None:
        """Enters the block."""
        self._open.enter_context(point_ops_on_cpu())

    def after_run(self, runner: Runner) -> None:
        """Leaves it."""
        self._open.close()
