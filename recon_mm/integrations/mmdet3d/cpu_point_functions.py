"""Twins of mmcv's point ops for CPU tensors: mmcv's signatures and layouts, this package's ops."""

from typing import Any

import torch
from mmcv import ops
from mmcv.ops.ball_query import BallQuery
from mmcv.ops.furthest_point_sample import FurthestPointSampling
from mmcv.ops.gather_points import GatherPoints
from mmcv.ops.group_points import GroupingOperation
from mmcv.ops.knn import KNN
from mmcv.ops.roipoint_pool3d import RoIPointPool3dFunction
from mmcv.ops.three_interpolate import ThreeInterpolate
from mmcv.ops.three_nn import ThreeNN
from torch import Tensor
from torch.autograd import Function

from recon_mm.ops import ball_query, furthest_point_sample, gather_points, knn


class _NoGradient(Function):
    """An op that finds indices."""

    @staticmethod
    def backward(ctx: Any, *_: Tensor) -> tuple[None, ...]:
        return (None,) * len(ctx.needs_input_grad)


class _FurthestPointSampling(_NoGradient):
    @staticmethod
    def forward(ctx: Any, points_xyz: Tensor, num_points: int) -> Tensor:
        return _as_index(ctx, furthest_point_sample(points_xyz, num_points))


class _BallQuery(_NoGradient):
    @staticmethod
    def forward(
        ctx: Any,
        min_radius: float,
        max_radius: float,
        sample_num: int,
        xyz: Tensor,
        center_xyz: Tensor,
        *counts: Tensor | None,
    ) -> Tensor:
        _refuse_stacked(counts)
        return _as_index(ctx, ball_query(center_xyz, xyz, max_radius, sample_num, min_radius))


class _KNN(_NoGradient):
    @staticmethod
    def forward(
        ctx: Any, k: int, xyz: Tensor, center_xyz: Tensor | None = None, transposed: bool = False
    ) -> Tensor:
        center_xyz = xyz if center_xyz is None else center_xyz
        if transposed:
            xyz, center_xyz = xyz.transpose(1, 2), center_xyz.transpose(1, 2)
        index = knn(center_xyz, xyz, k)
        return _as_index(ctx, index.transpose(1, 2).contiguous())  # (B, k, npoint)


class _ThreeNN(_NoGradient):
    @staticmethod
    def forward(ctx: Any, target: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        index = knn(target, source, 3)
        distance = (gather_points(source, index) - target.unsqueeze(2)).norm(dim=-1)
        return distance, _as_index(ctx, index)


class _Rows(Function):
    """Columns of ``(B, C, N)`` by index ``(B, ...)``; gradients add up in the source columns."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, indices: Tensor, *counts: Tensor | None) -> Tensor:
        _refuse_stacked(counts)
        ctx.for_backwards = (indices, features.shape[2])
        return _columns(features, indices)

    @staticmethod
    def backward(ctx: Any, grad_out: Tensor) -> tuple[Tensor | None, ...]:
        indices, num_points = ctx.for_backwards
        gradient = _add_columns(grad_out, indices, num_points)
        return (gradient, *(None,) * (len(ctx.needs_input_grad) - 1))


class _ThreeInterpolate(Function):
    @staticmethod
    def forward(ctx: Any, features: Tensor, indices: Tensor, weight: Tensor) -> Tensor:
        ctx.three_interpolate_for_backward = (indices, weight, features.shape[2])
        return (_columns(features, indices) * weight.unsqueeze(1)).sum(-1)

    @staticmethod
    def backward(ctx: Any, grad_out: Tensor) -> tuple[Tensor, None, None]:
        indices, weight, num_points = ctx.three_interpolate_for_backward
        spread = grad_out.unsqueeze(-1) * weight.unsqueeze(1)  # (B, C, N, 3)
        return _add_columns(spread, indices, num_points), None, None


class _RoIPointPool3d(Function):
    @staticmethod
    def forward(
        ctx: Any,
        points: Tensor,
        point_features: Tensor,
        boxes3d: Tensor,
        num_sampled_points: int = 512,
    ) -> tuple[Tensor, Tensor]:
        inside = points_in_boxes_all(points, boxes3d).transpose(1, 2)  # (B, boxes, N)
        found = inside.sum(-1, keepdim=True)
        # Those inside first, in order; if too few, again from the start.
        order = inside.argsort(dim=-1, descending=True, stable=True)
        place = torch.arange(num_sampled_points) % found.clamp(min=1)
        index = order.gather(2, place)  # (B, boxes, num_sampled_points)
        pooled = gather_points(torch.cat([points, point_features], dim=-1), index)
        is_empty = found.squeeze(-1) == 0
        pooled[is_empty] = 0
        return pooled, is_empty.int()

    @staticmethod
    def backward(ctx: Any, grad_out: Tensor) -> Tensor:
        raise NotImplementedError('as in mmcv, RoIPointPool3d has no gradient')


TWINS: dict[type[Function], type[Function]] = {
    FurthestPointSampling: _FurthestPointSampling,
    BallQuery: _BallQuery,
    KNN: _KNN,
    ThreeNN: _ThreeNN,
    GatherPoints: _Rows,
    GroupingOperation: _Rows,
    ThreeInterpolate: _ThreeInterpolate,
    RoIPointPool3dFunction: _RoIPointPool3d,
}


def points_in_boxes_all(points: Tensor, boxes: Tensor) -> Tensor:
    """int32 (B, N, boxes): 1 where a point is in a box (mmcv has this on the CPU, elsewhere)."""
    return ops.points_in_boxes_cpu(points, boxes)


def points_in_boxes_part(points: Tensor, boxes: Tensor) -> Tensor:
    """int32 (B, N): the first box that a point is in, -1 where none."""
    inside = points_in_boxes_all(points, boxes)
    return torch.where(inside.amax(-1) > 0, inside.argmax(-1), -1).int()


def _as_index(ctx: Any, index: Tensor) -> Tensor:
    index = index.int()
    ctx.mark_non_differentiable(index)
    return index


def _refuse_stacked(counts: tuple[Tensor | None, ...]) -> None:
    if any(count is not None for count in counts):
        raise NotImplementedError(
            'stacked clouds of several sizes (PV-RCNN) have no CPU implementation: run it on a GPU'
        )


def _columns(features: Tensor, indices: Tensor) -> Tensor:
    """``(B, C, N)`` at ``(B, ...)`` gives ``(B, C, ...)``."""
    flat = indices.flatten(1).long().unsqueeze(1).expand(-1, features.shape[1], -1)
    return features.gather(2, flat).unflatten(2, indices.shape[1:])


def _add_columns(gradient: Tensor, indices: Tensor, num_points: int) -> Tensor:
    """The transpose of :func:`_columns`."""
    flat = indices.flatten(1).long().unsqueeze(1).expand(-1, gradient.shape[1], -1)
    total = gradient.new_zeros(*gradient.shape[:2], num_points)
    return total.scatter_add_(2, flat, gradient.flatten(2))
