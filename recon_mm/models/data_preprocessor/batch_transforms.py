"""Transforms of a full batch of clouds, on its device, without a loop over samples.

The data preprocessor applies them to ``points`` ``(B, N, C)`` float32, x y z first; further
columns stay with their point. Randomness comes from torch's default generator of the device.
They are registered in MODELS, as mmdet's batch augmentations are: no data set builds them.
"""

import torch

from recon_mm.ops import furthest_point_sample, gather_points
from recon_mm.registry import MODELS


def _replace_xyz(points: torch.Tensor, xyz: torch.Tensor) -> torch.Tensor:
    return xyz if points.shape[-1] == 3 else torch.cat([xyz, points[..., 3:]], dim=-1)


def _uniform(points: torch.Tensor, shape: tuple[int, ...], low: float, high: float) -> torch.Tensor:
    return torch.rand(shape, device=points.device, dtype=points.dtype) * (high - low) + low


def _check_enough(points: torch.Tensor, num_points: int, name: str) -> None:
    if points.shape[1] < num_points:
        raise ValueError(
            f'{name}(num_points={num_points}) got clouds of {points.shape[1]} points; ask for '
            f'fewer points, or put SamplePoints into the pipeline, which repeats points'
        )


@MODELS.register_module()
class BatchRandomSample:
    """Keeps ``num_points`` random points of each cloud, without repetition.

    Every cloud gets its own random selection, in random order.

    Args:
        num_points: How many points to keep.
    """

    def __init__(self, num_points: int) -> None:
        self.num_points = num_points

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """``(B, N, C)`` to ``(B, num_points, C)``.

        Raises:
            ValueError: If the clouds have fewer points.
        """
        _check_enough(points, self.num_points, type(self).__name__)
        keys = torch.rand(points.shape[:2], device=points.device)  # (B, N)
        return gather_points(points, keys.topk(self.num_points, dim=1).indices)


@MODELS.register_module()
class BatchFurthestPointSample:
    """Keeps the furthest points of each cloud.

    With ``pool`` the furthest ``pool`` points are found first and ``num_points`` of them drawn at
    random, as the authors do in training (1024 of 1200, 2048 of 2400...).

    Args:
        num_points: How many points to keep.
        pool: How many furthest points to draw from; all of a smaller cloud.
    """

    def __init__(self, num_points: int, pool: int | None = None) -> None:
        if pool is not None and pool < num_points:
            raise ValueError(f'pool={pool} must not be smaller than num_points={num_points}')
        self.pool = pool or num_points
        self.subset = BatchRandomSample(num_points) if pool else None
        self.num_points = num_points

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """``(B, N, C)`` to ``(B, num_points, C)``.

        Raises:
            ValueError: If the clouds have fewer points than ``num_points``.
        """
        _check_enough(points, self.num_points, type(self).__name__)
        if points.shape[1] > self.pool:  # otherwise it would only reorder the points
            points = gather_points(points, furthest_point_sample(points[..., :3], self.pool))
        return self.subset(points) if self.subset else points


@MODELS.register_module()
class BatchNormalize:
    """Moves the mean of each cloud to the origin and its largest radius to 1.

    A cloud of one repeated point has no radius; it ends at the origin.
    """

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """``(B, N, C)`` to ``(B, N, C)``."""
        xyz = points[..., :3]
        xyz = xyz - xyz.mean(dim=1, keepdim=True)
        radius = xyz.square().sum(dim=-1).amax(dim=1).sqrt()[:, None, None]  # (B, 1, 1)
        return _replace_xyz(points, xyz / torch.where(radius > 0, radius, 1.0))


@MODELS.register_module()
class BatchRandomRotate:
    """Rotates each cloud about one axis by its own angle, uniform in 0..360 degrees.

    Args:
        axis: ``'x'``, ``'y'`` (up in ShapeNet, ModelNet and ScanObjectNN) or ``'z'``.
    """

    def __init__(self, axis: str = 'y') -> None:
        if axis not in ('x', 'y', 'z'):
            raise ValueError(f"axis={axis!r}, expected 'x', 'y' or 'z'")
        self.axis = axis

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """``(B, N, C)`` to ``(B, N, C)``."""
        angle = _uniform(points, (len(points), 1), 0.0, 2 * torch.pi)
        cos, sin = angle.cos(), angle.sin()  # (B, 1)
        kept = 'xyz'.index(self.axis)
        first, second = (kept + 1) % 3, (kept + 2) % 3  # a right-handed rotation
        # Written out: TF32 or autocast would round a matrix product more coarsely.
        a, b = points[..., first], points[..., second]  # (B, N)
        columns = [points[..., kept]] * 3
        columns[first], columns[second] = cos * a - sin * b, sin * a + cos * b
        return _replace_xyz(points, torch.stack(columns, dim=-1))


@MODELS.register_module()
class BatchRandomScale:
    """Scales each cloud by factors uniform in a range.

    Args:
        scale: The smallest and the largest factor.
        per_axis: Whether each axis has its own factor.
    """

    def __init__(self, scale: tuple[float, float] = (2 / 3, 3 / 2), per_axis: bool = True) -> None:
        self.low, self.high = scale
        self.axes = 3 if per_axis else 1

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """``(B, N, C)`` to ``(B, N, C)``."""
        factor = _uniform(points, (len(points), 1, self.axes), self.low, self.high)
        return _replace_xyz(points, points[..., :3] * factor)


@MODELS.register_module()
class BatchRandomShift:
    """Shifts each cloud along each axis by an amount uniform in ``-shift..shift``.

    Args:
        shift: The largest shift, in units of the cloud's coordinates.
    """

    def __init__(self, shift: float = 0.2) -> None:
        self.shift = shift

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """``(B, N, C)`` to ``(B, N, C)``."""
        offset = _uniform(points, (len(points), 1, 3), -self.shift, self.shift)
        return _replace_xyz(points, points[..., :3] + offset)
