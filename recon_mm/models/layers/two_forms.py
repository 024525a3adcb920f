"""Layers with a plain form and a faster one of the same mathematics."""

from collections.abc import Callable
from typing import Any, ClassVar

from torch import Tensor, nn


class TwoForms(nn.Module):
    """A layer with a plain form to read, and a faster one to run.

    ``forward_plain`` computes what the paper says, in its order; ``forward_fast`` gives the same
    result, to rounding, with less work. A test compares the two, ``benchmarks/RESULTS.md`` says
    what the faster one gains.

    Attributes:
        FAST_ON: Types of the devices where the faster form runs.
        plain: Whether the plain form runs everywhere (:func:`use_plain_forms`).
    """

    FAST_ON: ClassVar[tuple[str, ...]] = ()
    plain = False
    forward_plain: Callable[..., Tensor]
    forward_fast: Callable[..., Tensor]

    def form_for(self, tensor: Tensor) -> Callable[..., Any]:
        """The form that runs on the device of ``tensor``."""
        fast = not self.plain and tensor.device.type in self.FAST_ON
        return self.forward_fast if fast else self.forward_plain


def use_plain_forms(model: nn.Module) -> None:
    """Makes every layer of a model run its plain form: what faster ones are compared with."""
    for module in model.modules():
        if isinstance(module, TwoForms):
            module.plain = True
