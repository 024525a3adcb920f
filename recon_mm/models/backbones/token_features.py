"""Output of the backbone: tokens of both streams, and the paper's features of them."""

from typing import NamedTuple

import torch
from torch import Tensor


class TokenFeatures(NamedTuple):
    """Tokens of a batch of clouds.

    Attributes:
        global_tokens: ``(B, T, C)``, normalized, group by group as in the backbone's
            ``global_slices``; in the paper 3D (cls), image, text.
        patch_tokens: ``(B, G, C)``, normalized, in the order of their centers.
        center: ``(B, G, 3)`` centers of these patches.
        levels: Normalized patch tokens ``(B, G, C)`` after each block of ``out_indices``.
        unnormed_global_tokens: ``(B, T, C)``, the output of the last block.
        pooled: Groups of global tokens of which the maximum enters the classification feature;
            if there are none, every token does.
    """

    global_tokens: Tensor
    patch_tokens: Tensor
    center: Tensor
    levels: tuple[Tensor, ...]
    unnormed_global_tokens: Tensor
    pooled: tuple[slice, ...] = ()

    def classification_feature(self) -> Tensor:
        """``(B, (T + 1) C)``: the global tokens and the maximum over patches (paper, section 5)."""
        tokens = [self.global_tokens[:, group].amax(1) for group in self.pooled]
        tokens = tokens or [self.global_tokens.flatten(1)]
        return torch.cat([*tokens, self.patch_tokens.amax(1)], dim=1)

    def probing_feature(self) -> Tensor:
        """``(B, 2C)`` for the linear SVM.

        The maximum over the global tokens, then the sum of the maximum and the mean over patches.
        """
        patches = self.patch_tokens.amax(1) + self.patch_tokens.mean(1)
        return torch.cat([self.global_tokens.amax(1), patches], dim=1)
