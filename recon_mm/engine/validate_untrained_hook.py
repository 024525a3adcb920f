"""Validates the untrained network, as the reference for the trained one."""

from mmengine.hooks import Hook
from mmengine.runner import Runner

from recon_mm.registry import HOOKS


@HOOKS.register_module()
class ValidateUntrainedHook(Hook):
    """Runs the validation once before training starts; a resumed run has done so already."""

    priority = 'VERY_LOW'  # after the hooks that prepare the model

    def before_train(self, runner: Runner) -> None:
        """Validates, unless training continues from a checkpoint."""
        if runner.val_loop is not None and runner.epoch == 0:
            runner.val_loop.run()
