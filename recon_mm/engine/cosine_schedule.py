"""The release's learning-rate schedule: linear warm-up, then cosine decay."""

import math
from typing import Any

from mmengine.optim import CosineAnnealingLR, LinearLR

from recon_mm.registry import PARAM_SCHEDULERS


@PARAM_SCHEDULERS.register_module()
class WarmUpLR(LinearLR):
    """Linear warm-up from one learning rate, the same for all parameters, to that of each.

    MMEngine's class starts at a fraction of each parameter's rate, so that a config which changes
    the rate must change the fraction too, and heads with ten times the rate start at ten times the
    rest.

    Args:
        start_lr: The learning rate at ``begin``; at ``end`` it is the parameter's own.
        **kwargs: Those of :class:`mmengine.optim.LinearLR`, except the two factors.
    """

    def __init__(self, *args: Any, start_lr: float, **kwargs: Any) -> None:
        self.start_lr = start_lr
        super().__init__(*args, **kwargs)

    def _get_value(self) -> list[float]:
        progress = self.last_step / (self.end - self.begin)
        return [self.start_lr + (base - self.start_lr) * progress for base in self.base_values]


@PARAM_SCHEDULERS.register_module()
class WarmedUpCosineLR(CosineAnnealingLR):
    """Cosine decay over all epochs, whose first ones a warm-up replaces.

    MMEngine's class starts its cosine where the warm-up ends. Here the phase counts from the
    start of training: after ``begin`` epochs of warm-up the cosine is already ``begin / T_max``
    of the way down.

    Args: those of :class:`mmengine.optim.CosineAnnealingLR`; ``T_max`` counts from 0, not from
        ``begin``.
    """

    def _get_value(self) -> list[float]:
        progress = (self.begin + self.last_step) / self.T_max
        factor = 0.5 * (1 + math.cos(math.pi * progress))
        return [self.eta_min + (base - self.eta_min) * factor for base in self.base_values]
