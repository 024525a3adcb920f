"""Skips steps whose loss is not finite."""

from typing import Any

import torch
from mmengine.dist import all_reduce
from mmengine.logging import print_log
from mmengine.optim import OptimWrapper
from torch import Tensor

from recon_mm.registry import OPTIM_WRAPPERS


@OPTIM_WRAPPERS.register_module()
class FiniteOptimWrapper(OptimWrapper):
    """MMEngine's wrapper, which can skip steps whose loss is NaN or infinite.

    Such a step leaves the weights unchanged, in every process if it happens in one; after
    ``max_skipped`` of them ``CheckLossHook`` stops the run, as it does at the first without this
    option. Batch normalization has then seen the batch: look for the cause anyway.

    Args:
        max_skipped: How many steps may be skipped in a run. If above 0, every step waits for the
            device, to check its loss.
        **kwargs: Those of :class:`mmengine.optim.OptimWrapper`.
    """

    def __init__(self, *args: Any, max_skipped: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.max_skipped = max_skipped
        self.num_skipped = 0

    def update_params(
        self, loss: Tensor, step_kwargs: dict | None = None, zero_kwargs: dict | None = None
    ) -> None:
        """One update, unless the loss is not finite and such steps may be skipped."""
        if self.max_skipped:
            bad = (~torch.isfinite(loss.detach())).float()
            all_reduce(bad)
            if bad.item():
                self.num_skipped += 1
                self.zero_grad()
                print_log(
                    f'a step is skipped, its loss is {loss.item()} '
                    f'({self.num_skipped} of at most {self.max_skipped})',
                    logger='current',
                    level=30,
                )
                return
        super().update_params(loss, step_kwargs, zero_kwargs)
