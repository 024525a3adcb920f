"""Which patches are hidden in pretraining, as indices: no data-dependent shapes."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from recon_mm.registry import MODELS


class PatchMask(NamedTuple):
    """Indices of the patches of each cloud, each row ascending.

    Attributes:
        visible: int64 ``(B, G - M)``.
        masked: int64 ``(B, M)``.
    """

    visible: Tensor
    masked: Tensor

    @classmethod
    def from_scores(cls, scores: Tensor, num_masked: int) -> 'PatchMask':
        """Hides the ``num_masked`` patches of the lowest ``scores`` ``(B, G)`` of each cloud."""
        order = scores.argsort(dim=1, stable=True)
        masked = order[:, :num_masked].sort(dim=1).values
        return cls(order[:, num_masked:].sort(dim=1).values, masked)


class _Masking(nn.Module):
    def __init__(self, mask_ratio: float = 0.6) -> None:
        super().__init__()
        if not 0 < mask_ratio < 1:
            raise ValueError(f'mask_ratio must lie between 0 and 1, found {mask_ratio}')
        self.mask_ratio = mask_ratio

    def forward(self, center: Tensor) -> PatchMask:
        """Selects ``int(mask_ratio * G)`` patches of each cloud.

        Args:
            center: Patch centers ``(B, G, 3)``.
        """
        num_masked = int(self.mask_ratio * center.shape[1])
        return PatchMask.from_scores(self.scores(center), num_masked)

    def scores(self, center: Tensor) -> Tensor:
        """``(B, G)``: the lowest are masked."""
        raise NotImplementedError


@MODELS.register_module()
class RandomMasking(_Masking):
    """Masks patches uniformly, without replacement ('rand').

    Args:
        mask_ratio: Share of patches that are masked.
    """

    def scores(self, center: Tensor) -> Tensor:
        """A random number per patch."""
        return torch.rand(center.shape[:2], device=center.device)


@MODELS.register_module()
class BlockMasking(_Masking):
    """Masks the patches nearest to a random one ('block').

    Args:
        mask_ratio: Share of patches that are masked.
    """

    def scores(self, center: Tensor) -> Tensor:
        """Squared distance to one random center of each cloud."""
        batch, num_groups, _ = center.shape
        chosen = torch.randint(num_groups, (batch, 1, 1), device=center.device)
        origin = center.gather(1, chosen.expand(-1, -1, 3))  # (B, 1, 3)
        return (center - origin).square().sum(-1)
