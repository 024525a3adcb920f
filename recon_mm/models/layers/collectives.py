"""Collectives that gradients flow through, on any backend."""

import torch
import torch.distributed as dist
from torch import Tensor


def world_size() -> int:
    """Number of processes; 1 where none are connected."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


class _SumOverProcesses(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, tensor: Tensor) -> Tensor:
        total = tensor.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: object, *grad_outputs: Tensor) -> Tensor:
        # Every process's loss depends on the sum, so each needs the sum of all gradients.
        grad = grad_outputs[0].clone()
        dist.all_reduce(grad)
        return grad


def sum_over_processes(tensor: Tensor) -> Tensor:
    """The sum over all processes, on each of them."""
    if world_size() == 1:
        return tensor
    return _SumOverProcesses.apply(tensor)  # type: ignore[no-any-return]


class _GatherRows(torch.autograd.Function):
    @staticmethod
    def forward(ctx, tensor: Tensor) -> Tensor:
        ctx.num_rows = len(tensor)
        parts = [torch.empty_like(tensor) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, tensor.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx, *grad_outputs: Tensor) -> Tensor:
        grad = grad_outputs[0].clone()
        dist.all_reduce(grad)
        start = dist.get_rank() * ctx.num_rows
        return grad[start : start + ctx.num_rows]


def gather_rows(tensor: Tensor) -> Tensor:
    """Rows of all processes in the order of their rank; the same number from each."""
    if world_size() == 1:
        return tensor
    return _GatherRows.apply(tensor)  # type: ignore[no-any-return]
