"""A linear layer on every point of a group, and the maximum over the group."""

import warnings
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .two_forms import TwoForms


class MaxLinear(nn.Linear, TwoForms):
    """``linear(x).max`` over the points of each group, ``(..., K, in)`` to ``(..., out)``.

    Fast form, on the CPU in float32: one of K points has the maximum of a channel, so the gradient
    of the layer's output is 1/K dense, and both of its products are sparse ones.
    """

    FAST_ON = ('cpu',)

    def forward(self, input: Tensor) -> Tensor:
        """``(..., K, in)`` to ``(..., out)``."""
        if input.dtype != torch.float32 or torch.is_autocast_enabled(input.device.type):
            return self.forward_plain(input)
        return self.form_for(input)(input)

    def forward_plain(self, input: Tensor) -> Tensor:
        """Applies the layer, then looks for the maximum."""
        points = F.linear(input, self.weight, self.bias)
        # Unlike amax, max remembers where the maximum was and need not look for it on the way back.
        return points.max(-2).values if torch.is_grad_enabled() else points.amax(-2)

    def forward_fast(self, input: Tensor) -> Tensor:
        """The same where nothing is trained or compiled; else with a sparse backward pass."""
        if torch.compiler.is_compiling() or not torch.is_grad_enabled():
            return self.forward_plain(input)
        groups = input.flatten(0, -3)  # (S, K, in)
        return _MaxLinear.apply(groups, self.weight, self.bias).unflatten(0, input.shape[:-2])


class _MaxLinear(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, groups: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        maximum, index = F.linear(groups, weight, bias).max(1)  # (S, out)
        ctx.save_for_backward(groups, weight, index)
        return maximum

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        groups, weight, index = ctx.saved_tensors
        (grad,) = grad_outputs  # (S, out): that of each channel's largest point
        num_groups, size, _ = groups.shape
        point = index + size * torch.arange(num_groups)[:, None]  # (S, out), of all points
        channel = torch.arange(len(weight)).expand_as(point)
        points = num_groups * size
        by_channel = _sparse(channel.t(), point.t(), grad.t(), (len(weight), points))
        order = point.flatten().argsort(stable=True)
        by_point = _sparse(point, channel, grad, (points, len(weight)), order)
        return (
            (by_point @ weight).view_as(groups),
            by_channel @ groups.flatten(0, 1),
            grad.sum(0),
        )


def _sparse(
    row: Tensor, column: Tensor, value: Tensor, size: tuple[int, int], order: Tensor | None = None
) -> Tensor:
    """A sparse matrix from entries that are sorted by row, or that ``order`` sorts."""
    entries = [entry.flatten() for entry in (row, column, value)]
    if order is not None:
        entries = [entry[order] for entry in entries]
    row, column, value = entries
    ends = torch.bincount(row, minlength=size[0]).cumsum(0)
    with warnings.catch_warnings():
        # torch calls this layout a beta; its product with a dense matrix is all that is used.
        warnings.filterwarnings('ignore', message='Sparse CSR tensor support')
        crow = F.pad(ends, (1, 0))
        return torch.sparse_csr_tensor(crow, column, value, size, check_invariants=False)
