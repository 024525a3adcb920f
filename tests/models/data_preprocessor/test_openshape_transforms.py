import math

import pytest
import torch

from recon_mm.registry import MODELS


def build(name: str, **kwargs):
    return MODELS.build({'type': name, **kwargs})


@pytest.fixture
def points() -> torch.Tensor:
    return torch.rand(64, 50, 6)


def test_quarter_turn_is_minus_90_degrees_about_z_on_row_vectors(points) -> None:
    rotated = build('BatchQuarterRotation')(points)
    angle = -math.pi / 2
    rotation = torch.tensor(
        [[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]]
    )
    torch.testing.assert_close(rotated[..., :3], points[..., :3] @ rotation)
    assert torch.equal(rotated[..., 3:], points[..., 3:])


def test_tilt_is_a_product_of_three_small_rotations(points, monkeypatch) -> None:
    angles = torch.randn(3, 64, 1)
    monkeypatch.setattr(torch, 'randn', lambda *size, **kwargs: angles)
    tilted = build('BatchRandomTilt')(points)
    for cloud, a, before, after in zip(range(64), angles[:, :, 0].T, points, tilted):
        x, y, z = (0.06 * a).clamp(-0.18, 0.18).tolist()
        cx, sx, cy, sy, cz, sz = (f(v) for v in (x, y, z) for f in (math.cos, math.sin))
        rx = torch.tensor([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        ry = torch.tensor([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        rz = torch.tensor([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
        torch.testing.assert_close(after[:, :3], before[:, :3] @ (rz @ ry @ rx), msg=str(cloud))
    assert torch.equal(tilted[..., 3:], points[..., 3:])


def test_color_is_dropped_from_some_clouds(points) -> None:
    dropped = build('BatchDropColor', probability=0.5, value=0.4)(points)
    assert torch.equal(dropped[..., :3], points[..., :3])
    gray = (dropped[..., 3:] == 0.4).all(-1).all(-1)
    assert 15 < gray.sum() < 49
    assert torch.equal(dropped[~gray], points[~gray])


def test_clouds_without_colors_get_the_gray(points) -> None:
    filled = build('BatchDropColor', probability=1, value=0.6)(points[..., :3])
    assert filled.shape == points.shape
    assert (filled[..., 3:] == 0.6).all()
