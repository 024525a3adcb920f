"""Batch transforms of ReCon++: colors, and rotations by small angles and by 90 degrees."""

import torch

from recon_mm.registry import MODELS


def _with_xyz(points: torch.Tensor, xyz: torch.Tensor) -> torch.Tensor:
    return torch.cat([xyz, points[..., 3:]], dim=-1)


@MODELS.register_module()
class BatchRandomTilt:
    """Rotates each cloud by three small angles, about x, then y, then z.

    Args:
        sigma: Their standard deviation, in radians.
        clip: The largest.
    """

    def __init__(self, sigma: float = 0.06, clip: float = 0.18) -> None:
        self.sigma, self.clip = sigma, clip

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """``(B, N, C)`` to ``(B, N, C)``."""
        angles = torch.randn(3, len(points), 1, device=points.device, dtype=points.dtype)
        cos, sin = (function((angles * self.sigma).clamp(-self.clip, self.clip))
                    for function in (torch.cos, torch.sin))  # fmt: skip
        xyz = list(points[..., :3].unbind(-1))
        # Row vectors times Rz Ry Rx: rotated the other way, z first. Written out: TF32 or autocast
        # would round a matrix product more coarsely.
        for axis in (2, 1, 0):
            first, second = (axis + 1) % 3, (axis + 2) % 3
            a, b, c, s = xyz[first], xyz[second], cos[axis], sin[axis]
            xyz[first], xyz[second] = c * a + s * b, c * b - s * a
        return _with_xyz(points, torch.stack(xyz, dim=-1))


@MODELS.register_module()
class BatchQuarterRotation:
    """``(x, y, z)`` to ``(-y, x, z)``: what the authors do in training and not in the test.

    Whether the released weights were trained with it is unknown: try a zero-shot test with it and
    without.
    """

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """``(B, N, C)`` to ``(B, N, C)``."""
        x, y, z = points[..., :3].unbind(-1)
        return _with_xyz(points, torch.stack([-y, x, z], dim=-1))


@MODELS.register_module()
class BatchDropColor:
    """Gives some clouds one gray for all points.

    Args:
        probability: Share of these clouds; with 1 clouds of coordinates alone get the gray, too.
        value: The gray, in 0..1 (the authors' ModelNet: 0.6).
    """

    def __init__(self, probability: float = 0.5, value: float = 0.4) -> None:
        self.probability, self.value = probability, value

    def __call__(self, points: torch.Tensor) -> torch.Tensor:
        """``(B, N, 6)`` to ``(B, N, 6)``."""
        gray = torch.full_like(points[..., :3], self.value)
        if self.probability < 1:
            kept = torch.rand(len(points), 1, 1, device=points.device) >= self.probability
            gray = torch.where(kept, points[..., 3:6], gray)
        return torch.cat([points[..., :3], gray], dim=-1)
