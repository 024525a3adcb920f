"""Mixed precision in bfloat16, on any device."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from recon_mm.registry import OPTIM_WRAPPERS

from .finite_optim_wrapper import FiniteOptimWrapper


@OPTIM_WRAPPERS.register_module()
class BFloat16OptimWrapper(FiniteOptimWrapper):
    """Runs the forward pass under bfloat16 autocast.

    bfloat16 has float32's range, so there is no loss scaling and nothing to keep in a
    checkpoint. Unlike MMEngine's ``AmpOptimWrapper`` (which serves float16) it also runs on the
    CPU.

    Args: those of :class:`FiniteOptimWrapper`.
    """

    @contextmanager
    def optim_context(self, model: nn.Module) -> Iterator[None]:
        """Autocast on the device of the model, with the parent's gradient accumulation."""
        device = next(model.parameters()).device.type
        with super().optim_context(model), torch.autocast(device, dtype=torch.bfloat16):
            yield
