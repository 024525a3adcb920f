"""The release's learning-rate schedule."""

import math

from mmengine.optim import CosineAnnealingLR

from recon_mm.registry import PARAM_SCHEDULERS


@PARAM_SCHEDULERS.register_module()
class WarmedUpCosineLR(CosineAnnealingLR):
    """Cosine over all epochs whose first ones a warm-up replaces.

    MMEngine's own class starts its cosine where the warm-up ends. Here the phase counts from the
    start of training: after ``begin`` epochs of warm-up the cosine is already ``begin / T_max``
    of the way down.

    Args: those of :class:`mmengine.optim.CosineAnnealingLR`; ``T_max`` counts from 0, not from
        ``begin``.
    """

    def _get_value(self) -> list[float]:
        progress = (self.begin + self.last_step) / self.T_max
        factor = 0.5 * (1 + math.cos(math.pi * progress))
        return [self.eta_min + (base - self.eta_min) * factor for base in self.base_values]
