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

    def shown(self) -> Tensor:
        """What the backbone gets: the visible patches."""
        return self.visible

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


class CausalMask(NamedTuple):
    """Which patches each token sees when every patch is generated from those before it.

    Attributes:
        visible: int64 ``(B, G - M)``, patches that all later ones see.
        masked: int64 ``(B, G)``, the patches that are generated: all.
        attention: bool ``(G, G)``, True where the token of a row sees that of a column.
    """

    visible: Tensor
    masked: Tensor
    attention: Tensor

    def shown(self) -> Tensor:
        """What the backbone gets: who sees whom."""
        return self.attention


def triangle(num_tokens: int, device: torch.device) -> Tensor:
    """Bool ``(G, G)``: every token sees those before it and itself."""
    return torch.ones(num_tokens, num_tokens, dtype=torch.bool, device=device).tril()


@MODELS.register_module()
class CausalMasking(nn.Module):
    """Patches in a sequence: each sees those before it, but for some that only see themselves.

    One draw hides ``int((G - kept) * mask_ratio)`` tokens for the full batch (ReCon++, 'causal').

    Args:
        mask_ratio: Share of the tokens after the first ``kept`` that are hidden.
        kept: How many first tokens are never hidden.
    """

    def __init__(self, mask_ratio: float = 0.7, kept: int = 10) -> None:
        super().__init__()
        if not 0 <= mask_ratio < 1:
            raise ValueError(f'mask_ratio must lie in 0..1, found {mask_ratio}')
        self.mask_ratio, self.kept = mask_ratio, kept

    def forward(self, center: Tensor) -> CausalMask:
        """Draws the hidden tokens for patches with ``center`` ``(B, G, 3)``."""
        num_groups = center.shape[1]
        candidates = max(num_groups - self.kept, 0)
        scores = torch.rand(candidates, device=center.device)
        num_hidden = int(candidates * self.mask_ratio)
        return self.mask(center, num_groups - candidates + scores.argsort()[:num_hidden])

    @staticmethod
    def mask(center: Tensor, hidden: Tensor) -> CausalMask:
        """The mask that hides the tokens int64 ``(M,)`` of patches with ``center``."""
        batch, num_groups, _ = center.shape
        is_shown = torch.ones(num_groups, dtype=torch.bool, device=center.device)
        is_shown = is_shown.index_fill(0, hidden, 0)  # indexed, a GPU would wait
        attention = triangle(num_groups, center.device) & is_shown
        attention |= torch.eye(num_groups, dtype=torch.bool, device=center.device)
        order = is_shown.int().argsort(descending=True, stable=True)
        visible = order[: num_groups - len(hidden)].expand(batch, -1)
        everything = torch.arange(num_groups, device=center.device).expand(batch, -1)
        return CausalMask(visible, everything, attention)
