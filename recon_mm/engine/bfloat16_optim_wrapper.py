"""Mixed precision in bfloat16, on any device that has it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from mmengine.logging import print_log
from torch import nn

from recon_mm.registry import OPTIM_WRAPPERS
from recon_mm.utils.precision import computes_bfloat16

from .finite_optim_wrapper import FiniteOptimWrapper


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(FiniteOptimWrapper):
    """Runs the forward pass under bfloat16 autocast.

    bfloat16 has float32's range, so there is no loss scaling and nothing to keep in a
    checkpoint. Unlike MMEngine's ``AmpOptimWrapper`` (which serves float16) it also runs on the
    CPU. On a device without bfloat16 instructions, where it would be many times slower, it computes
    in float32 and says so.

    Args:
        emulate: Whether to compute in bfloat16 on such a device all the same.
        *args: Those of :class:`FiniteOptimWrapper`.
        **kwargs: Those of :class:`FiniteOptimWrapper`.
    """

    def __init__(self, *args: Any, emulate: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = self.optimizer.param_groups  # one may be empty
        device = next(p for group in groups for p in group['params']).device
        self.enabled = emulate or computes_bfloat16(device)
        if not self.enabled:
            print_log(
                f'this {device.type} device has no bfloat16 instructions, and imitating them takes '
                'many times as long: computing in float32',
                logger='current',
                level=30,
            )

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Autocast on the device of the model, with the parent's gradient accumulation."""
        device = next(model.parameters()).device.type
        autocast = torch.autocast(device, dtype=torch.bfloat16, enabled=self.enabled)
        with super().optim_context(model), autocast:
            yield
