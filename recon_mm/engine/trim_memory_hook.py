"""Keeps a long run on the CPU from growing."""

from mmengine.hooks import Hook
from mmengine.runner import Runner

from recon_mm.registry import HOOKS
from recon_mm.utils.memory import return_freed_memory


@HOOKS.register_module()
class TrimMemoryHook(Hook):
    """Returns what is free to the system after each epoch and each validation.

    The counterpart of :func:`recon_mm.utils.memory.keep_freed_memory` in a run: steps and
    validations need blocks of different sizes, and between small ones that stay the free memory
    falls into pieces. Kept forever, it grew by some percent per hour; the next epoch asks for what
    it needs in a fraction of a step's time.
    """

    priority = 'LOWEST'  # after a checkpoint

    def after_train_epoch(self, runner: Runner) -> None:
        """After a training epoch."""
        return_freed_memory()

    def after_val_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """After a validation."""
        return_freed_memory()
