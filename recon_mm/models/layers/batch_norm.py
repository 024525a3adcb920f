"""Batch normalization whose statistics span all processes, on any device and backend."""

import torch
from torch import Tensor, nn

from .collectives import sum_over_processes, world_size


class SyncBatchNorm(nn.BatchNorm1d):
    """Batch normalization over the rows of all processes, channels last.

    With one process, or in eval mode, it is ``torch.nn.BatchNorm1d`` on ``(rows, C)``, which on the
    CPU is about ten times faster than on ``(groups, C, points)``. With several it takes the
    statistics of the whole batch by two differentiable all-reduces (the mean, then the squared
    deviation from it, which stays exact where a difference of squares would not).
    ``torch.nn.SyncBatchNorm`` refuses modules on the CPU, so what runs on GPUs could not be tested
    without one.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalizes ``(..., C)`` over all but the last dimension."""
        rows = input.flatten(0, -2)
        if self.training and world_size() > 1:
            rows = self._forward_all_reduce(rows.float()).to(input.dtype)
        else:
            rows = super().forward(rows)
        return rows.view(input.shape)

    def _forward_all_reduce(self, rows: Tensor) -> Tensor:
        count = rows.new_full((1,), rows.shape[0])
        total = sum_over_processes(torch.cat([rows.sum(0), count]))
        count, mean = total[-1].detach(), total[:-1] / total[-1].detach()
        variance = sum_over_processes((rows - mean).square().sum(0)) / count
        self.track(mean, variance, count)
        normalized = (rows - mean) * torch.rsqrt(variance + self.eps)
        return torch.addcmul(self.bias, normalized, self.weight)

    @torch.no_grad()
    def track(self, mean: Tensor, variance: Tensor, count: Tensor) -> None:
        """Moves the running statistics toward those of a batch of ``count`` rows."""
        assert self.num_batches_tracked is not None and self.momentum is not None
        assert self.running_mean is not None and self.running_var is not None
        self.num_batches_tracked.add_(1)
        self.running_mean.lerp_(mean.to(self.running_mean.dtype), self.momentum)
        unbiased = variance * count / (count - 1)
        self.running_var.lerp_(unbiased.to(self.running_var.dtype), self.momentum)
