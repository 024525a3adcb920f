"""Depth images of clouds from ten sides (ReCon++'s Hybrid data), for image teachers."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_RESOLUTION, _DEPTH = 112, 8
_POOL, _BLUR, _SIGMA = 7, 3, 3.0
_PI = math.pi
_VIEWS = (
    *((k * _PI / 4, 0, _PI / 2) for k in (1, 3, 5, 7)),
    *((k * _PI / 2, 0, _PI / 2) for k in (0, 1, 2, 3)),
    (0, -_PI / 2, _PI / 2),
    (0, _PI / 2, _PI / 2),
)
_TILTS = (*((0, _PI / 9, 0),) * 8, *((0, _PI / 15, 0),) * 2)


def depth_views(points: Tensor) -> Tensor:
    """Depth images of clouds, near parts dark on white.

    Each view is put into a grid of cells that keep their largest depth; the points then are
    thickened by a maximum over 7 x 7 cells, smoothed, and seen from the front.

    Args:
        points: (B, N, 3), any scale and place.

    Returns:
        float32 (B, 10, 110, 110), in 0..1.
    """
    points = points.float()
    rotated = points.unsqueeze(1) @ _rotations(points.device).mT  # (B, V, N, 3)
    low, high = rotated.amin(2, keepdim=True), rotated.amax(2, keepdim=True)
    side = (high - low).amax(-1, keepdim=True).clamp(min=1e-12)
    x, y, z = ((2 * rotated - high - low) / side).unbind(-1)  # in -1..1
    row, column = (((0.8 * v + 1) / 2 * _RESOLUTION).ceil().long() for v in (x, y))
    depth = ((z + 1) / 2 + 0.2) / 1.2 * (_DEPTH - 2)
    cell = (depth.ceil().long() * _RESOLUTION + row) * _RESOLUTION + column  # (B, V, N)
    grid = points.new_zeros(*cell.shape[:2], _DEPTH * _RESOLUTION**2)
    grid = grid.scatter_reduce(2, cell, depth, 'amax').flatten(0, 1)
    thick = F.max_pool2d(grid.view(-1, _DEPTH, _RESOLUTION, _RESOLUTION), _POOL, 1, padding=2)
    smooth = F.conv2d(
        thick.flatten(0, 1).unsqueeze(1), _gaussian(points.device), padding=_BLUR // 2
    )
    image = smooth.view(thick.shape).amax(1).unflatten(0, cell.shape[:2])  # (B, V, 110, 110)
    return 1 - image / image.amax((-2, -1), keepdim=True)


def to_images(views: Tensor, size: int = 256) -> Tensor:
    """Views ``(..., 110, 110)`` in 0..1 as uint8 RGB images ``(..., 3, size, size)``."""
    large = F.interpolate(
        views.flatten(0, -3).unsqueeze(1), (size, size), mode='bilinear', align_corners=True
    )
    images = (large * 255).byte().expand(-1, 3, -1, -1)
    return images.unflatten(0, views.shape[:-2])


def _rotations(device: torch.device) -> Tensor:
    """(10, 3, 3): the rotation to each side, then its tilt."""
    sides, tilts = (torch.stack([_rotation(*angles) for angles in a]) for a in (_VIEWS, _TILTS))
    return (tilts @ sides).float().to(device)


def _rotation(a: float, b: float, c: float) -> Tensor:
    """Rx(a) Ry(b) Rz(c), float64."""
    matrices = []
    for axis, angle in enumerate((a, b, c)):
        matrix = torch.eye(3, dtype=torch.float64)
        first, second = (axis + 1) % 3, (axis + 2) % 3
        matrix[first, first] = matrix[second, second] = math.cos(angle)
        matrix[first, second], matrix[second, first] = -math.sin(angle), math.sin(angle)
        matrices.append(matrix)
    return matrices[0] @ matrices[1] @ matrices[2]


def _gaussian(device: torch.device) -> Tensor:
    """(1, 1, 3, 3), of sum 1."""
    offset = torch.arange(_BLUR, device=device) - _BLUR // 2
    weight = torch.exp(-offset.square() / (2 * _SIGMA**2))
    kernel = torch.outer(weight, weight)
    return (kernel / kernel.sum())[None, None]
