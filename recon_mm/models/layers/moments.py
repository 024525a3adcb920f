"""Mean and variance of a layer's output without computing it, for batch normalization."""

import torch
from torch import Tensor

from .collectives import sum_over_processes


def joined_moments(rows: Tensor, weight: Tensor, offset: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Moments of ``rows @ weight.T + offset`` over all points of all groups and processes.

    The variance of a linear function of the rows follows from the covariance of the rows: with
    ``in`` well below ``out`` this costs less than the output, and its gradient much less.

    Args:
        rows: ``(S, K, in)``, K points of each of S groups.
        weight: ``(out, in)``.
        offset: ``(S, out)``, shared by all points of a group.

    Returns:
        Mean and (biased) variance ``(out,)``, and the number of points ``(1,)``, at float32
        accuracy or better, outside autocast.
    """
    with torch.autocast(rows.device.type, enabled=False):
        dtype = torch.promote_types(rows.dtype, torch.float32)
        rows, weight, offset = rows.to(dtype), weight.to(dtype), offset.to(dtype)
        (num_groups, size, num_in), num_out = rows.shape, len(weight)
        of_group = rows.sum(1)  # (S, in)
        count = rows.new_full((1,), num_groups * size)
        total = sum_over_processes(torch.cat([of_group.sum(0), offset.sum(0) * size, count]))
        count = total[-1:].detach()
        mean_row, mean_offset = (total[:-1] / count).split([num_in, num_out])

        flat = rows.flatten(0, 1)
        centered = offset - mean_offset  # (S, out)
        deviation = (of_group - size * mean_row) @ weight.T  # of the sum over a group
        shared = (centered * (size * centered + 2 * deviation)).sum(0)  # (out,)
        total = sum_over_processes(torch.cat([(flat.T @ flat).flatten(), shared])) / count
        second, shared = total.split([num_in * num_in, num_out])
        covariance = second.view(num_in, num_in) - torch.outer(mean_row, mean_row)
        variance = ((weight @ covariance) * weight).sum(1) + shared
        return weight @ mean_row + mean_offset, variance.clamp(min=0), count
