"""Batch normalisation whose statistics span all processes, on any device and backend."""

import torch
import torch.distributed as dist
import torch.nn.functional as F
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce


class SyncBatchNorm(nn.SyncBatchNorm):
    """``torch.nn.SyncBatchNorm`` that also synchronises on the CPU.

    With one process, or in eval mode, it is plain batch normalisation. With several it takes the
    statistics of the whole batch: torch's own kernels on a GPU; elsewhere, where torch has none,
    two differentiable all-reduces (mean, then squared deviation, which stays exact where a
    difference of squares would not).

    Input ``(rows, C)``: channels are last.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalises ``(rows, C)`` over the rows of all processes."""
        synchronise = (
            self.training and dist.is_available() and dist.is_initialized()
        ) and dist.get_world_size() > 1
        if not synchronise or input.is_cuda:
            return super().forward(input)
        return self._forward_all_reduce(input.float()).to(input.dtype)

    def _forward_all_reduce(self, rows: Tensor) -> Tensor:
        count = rows.new_full((1,), rows.shape[0])
        total = all_reduce(torch.cat([rows.sum(0), count]))
        count, mean = total[-1].detach(), total[:-1] / total[-1].detach()
        variance = all_reduce((rows - mean).square().sum(0)) / count
        with torch.no_grad():
            assert self.num_batches_tracked is not None and self.momentum is not None
            assert self.running_mean is not None and self.running_var is not None
            self.num_batches_tracked.add_(1)
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        normalised = (rows - mean) * torch.rsqrt(variance + self.eps)
        return torch.addcmul(self.bias, normalised, self.weight)


def fold_batch_norm(linear: nn.Linear, norm: SyncBatchNorm) -> tuple[Tensor, Tensor]:
    """Weight and bias of the one linear layer that equals ``linear`` then ``norm`` in eval mode."""
    assert norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)  # (out,)
    weight = linear.weight * scale[:, None]
    return weight, (linear.bias - norm.running_mean) * scale + norm.bias


def linear_norm(input: Tensor, linear: nn.Linear, norm: SyncBatchNorm) -> Tensor:
    """``norm(linear(input))`` on ``(..., in)``; in eval mode as one linear layer.

    Folding saves a pass over the activations, and the weights are small: they are folded anew in
    each call, so there is no state that could go stale.
    """
    if not norm.training:
        return F.linear(input, *fold_batch_norm(linear, norm))
    output = linear(input)
    return norm(output.flatten(0, -2)).view_as(output)
