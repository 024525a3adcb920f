"""Patches: their meaning, and the release's."""

from pathlib import Path

import numpy as np
import pytest
import torch

from recon_mm.ops import ball_query, furthest_point_sample, group_points


def test_groups_are_the_nearest_points_around_their_center():
    points = torch.randn(2, 90, 3)
    groups = group_points(points, 7, 5)
    assert torch.equal(groups.center_index, furthest_point_sample(points, 7))
    for cloud in range(2):
        assert torch.equal(groups.center[cloud], points[cloud][groups.center_index[cloud]])
        for group in range(7):
            offset = points[cloud] - groups.center[cloud, group]
            nearest = offset.square().sum(-1).argsort()[:5]
            found = groups.group_index[cloud, group]
            assert set(found.tolist()) == set(nearest.tolist())
            assert torch.equal(groups.neighborhood[cloud, group], offset[found])
    assert (groups.group_index == groups.center_index[..., None]).any(-1).all()


def test_reference(reference_dir: Path):
    vectors = np.load(reference_dir / 'tiny' / 'vectors.npz')
    groups = group_points(torch.from_numpy(vectors['points']), 32, 16)
    assert np.array_equal(groups.center_index.numpy(), vectors['center_index'])
    assert np.array_equal(groups.center.numpy(), vectors['center'])
    radius = groups.neighborhood.norm(dim=-1).sort(-1).values
    expected = torch.from_numpy(vectors['neighborhood_sorted_norm'])
    torch.testing.assert_close(radius, expected, rtol=1e-5, atol=1e-6)


def test_reduced_precision_is_computed_in_float32():
    points = torch.randn(2, 600, 3).bfloat16()
    with torch.autocast('cpu', torch.bfloat16):
        groups = group_points(points, 8, 16)
    assert groups.center.dtype == groups.neighborhood.dtype == torch.float32
    assert torch.equal(groups.neighborhood, group_points(points.float(), 8, 16).neighborhood)


def test_gradient_reaches_the_points():
    points = torch.randn(1, 40, 3, requires_grad=True)
    groups = group_points(points, 4, 6)
    weight = torch.randn_like(groups.neighborhood)
    (groups.neighborhood * weight).sum().backward()
    again = points.detach().requires_grad_()
    near = again[0][groups.group_index[0]] - again[0][groups.center_index[0], None]
    (near * weight[0]).sum().backward()
    torch.testing.assert_close(points.grad, again.grad)


def test_errors_name_the_count():
    with pytest.raises(ValueError, match='num_groups=11, expected 1 to 10'):
        group_points(torch.rand(1, 10, 3), 11, 2)
    with pytest.raises(ValueError, match='group_size=11, expected 1 to 10'):
        group_points(torch.rand(1, 10, 3), 2, 11)
    with pytest.raises(ValueError, match=r'points has shape \(1, 10, 4\)'):
        group_points(torch.rand(1, 10, 4), 2, 2)


def test_groups_of_a_radius():
    points = torch.rand(2, 400, 3)
    groups = group_points(points, 7, 16, group_radius=0.2)
    assert torch.equal(groups.group_index, ball_query(groups.center, points, 0.2, 16))
    assert torch.equal(groups.center_index, furthest_point_sample(points, 7))
    assert (groups.neighborhood.norm(dim=-1) < 0.2).all()
