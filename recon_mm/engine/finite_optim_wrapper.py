"""Skips steps whose loss is not finite, and refuses states of another shape."""

from typing import Any

import torch
from mmengine.dist import all_reduce
from mmengine.logging import print_log
from mmengine.optim import OptimWrapper
from torch import Tensor

from recon_mm.registry import OPTIM_WRAPPERS
from recon_mm.utils.safe_checkpoint import CheckpointError

from .checked_state import check_state


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

    def load_state_dict(self, state_dict: dict) -> None:
        """Loads, and checks what a fused kernel does not: it would write past a smaller tensor.

        Raises:
            CheckpointError: If the state of a parameter has another shape, or a group of parameters
                has no number where there was one, such as its learning rate.
        """
        settings = [
            {key: value for key, value in group.items() if key != 'params'}
            for group in self.optimizer.param_groups
        ]
        super().load_state_dict(state_dict)
        for group, before in zip(self.optimizer.param_groups, settings):
            check_state('a group of the optimizer', group, before)
        fused = [group['params'] for group in self.optimizer.param_groups if group.get('fused')]
        for parameter in (parameter for group in fused for parameter in group):
            state = self.optimizer.state.get(parameter, {})
            for name, value in state.items():
                if value is None:  # a momentum that is not used
                    continue
                shape = () if name == 'step' else parameter.shape
                if not isinstance(value, Tensor) or value.shape != shape:
                    found = tuple(value.shape) if isinstance(value, Tensor) else repr(value)
                    raise CheckpointError(
                        f"the optimizer's {name} in the checkpoint is {found}, expected a tensor "
                        f'{tuple(shape)}, as its parameter: it is damaged, or of another model'
                    )
                if name != 'step' and value.stride() != parameter.stride():
                    state[name] = torch.empty_like(parameter).copy_(value)
