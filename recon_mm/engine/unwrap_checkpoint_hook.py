"""Lets MMEngine's hooks read checkpoints that MMEngine did not write."""

from mmengine.hooks import Hook
from mmengine.runner import Runner

from recon_mm.models.checkpoint import unwrap
from recon_mm.registry import HOOKS


@HOOKS.register_module()
class UnwrapCheckpointHook(Hook):
    """Puts the weights of the authors' files where MMEngine's hooks look for them.

    Models read such files by themselves (:func:`register_checkpoint_reader`), but ``EMAHook``
    asks the loaded file for ``state_dict``, which those lack. Needed only together with that hook.
    """

    priority = 'VERY_HIGH'

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Adds ``state_dict`` where it is missing."""
        if 'state_dict' not in checkpoint:
            checkpoint['state_dict'] = unwrap(checkpoint)
