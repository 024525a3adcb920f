"""Random numbers that depend on the epoch only, so that a resumed run continues unchanged."""

from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner, set_random_seed

from recon_mm.registry import HOOKS

# Epochs and processes get seeds far apart: neighboring seeds plus a rank would collide.
_EPOCH_STRIDE = 1_000_003


@HOOKS.register_module()
class EpochSeedHook(Hook):
    """Seeds Python, numpy and torch at every training epoch, differently in each process.

    Masks, rotations and sentences of epoch 7 are then the same whether the run was never
    interrupted or was resumed from a checkpoint of epoch 6. Seeded before the first step and not
    before the epoch: a loader that restarts its workers draws a number in between, one with
    persistent workers does not. (``EpochSampler`` seeds what samples draw.)
    """

    priority = 'VERY_HIGH'

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: Any = None) -> None:
        """Seeds from the run's seed, the epoch and the rank."""
        if batch_idx > 0:
            return
        assert runner.seed is not None
        # With diff_rank_seed the runner's own seed already contains the rank.
        differs = runner._randomness_cfg.get('diff_rank_seed', False)
        seed = runner.seed + (0 if differs else runner.rank)
        set_random_seed((seed + _EPOCH_STRIDE * (runner.epoch + 1)) % 2**32)
