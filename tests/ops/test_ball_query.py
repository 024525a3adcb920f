"""Points within a radius, against a loop."""

import pytest
import torch

from recon_mm.ops import _distance, ball_query
from recon_mm.ops.ball_query import in_ball_by_matrix, in_ball_by_tree


def naive(query, points, radius, num_samples, min_radius=0.0):
    index = torch.zeros(*query.shape[:2], num_samples, dtype=torch.int64)
    for b in range(len(query)):
        for q in range(query.shape[1]):
            distance = (points[b] - query[b, q]).square().sum(-1)
            found = [
                i
                for i, d in enumerate(distance.tolist())
                if d == 0 or min_radius**2 <= d < radius**2
            ]
            if found:
                filled = (found + [found[0]] * num_samples)[:num_samples]
                index[b, q] = torch.tensor(filled)
    return index


@pytest.mark.parametrize('num_samples', [1, 8, 200])
@pytest.mark.parametrize(('min_radius', 'radius'), [(0.0, 0.5), (0.4, 0.9), (0.0, 100.0)])
def test_same_as_the_loop(num_samples, min_radius, radius):
    points = torch.randn(3, 150, 3)
    query = torch.cat([points[:, :10], 5 + torch.randn(3, 5, 3)], dim=1)  # some with none near
    index = ball_query(query, points, radius, num_samples, min_radius)
    assert index.dtype == torch.int64
    assert torch.equal(index, naive(query, points, radius, num_samples, min_radius))


@pytest.mark.parametrize('num_samples', [1, 16, 800])
def test_tree_gives_the_same(num_samples):
    pytest.importorskip('scipy')
    points = torch.rand(2, 700, 3)
    query = torch.cat([points[:, :20], torch.full((2, 1, 3), 9.0)], dim=1)
    expected = in_ball_by_matrix(query, points, 0.0, 0.3, num_samples)
    assert torch.equal(in_ball_by_tree(query, points, 0.3, num_samples), expected)
    assert torch.equal(ball_query(query, points, 0.3, num_samples), expected)


def test_a_point_at_the_radius_is_outside():
    points = torch.zeros(1, 600, 3)
    points[0, 300:, 0] = 0.5
    index = ball_query(points[:, :1], points, 0.5, 400)
    assert index.max() == 299


@pytest.mark.parametrize('limit', [1, 250, 2_000, 5_000])
def test_blocks_of_any_size_give_the_same(limit, monkeypatch):
    query, points = torch.randn(3, 20, 3), torch.randn(3, 50, 3)
    whole = ball_query(query, points, 1.0, 8)
    monkeypatch.setattr(_distance, 'CPU_ELEMENTS', limit)
    assert torch.equal(ball_query(query, points, 1.0, 8), whole)


def test_a_query_with_nothing_near_gets_point_zero():
    index = ball_query(torch.full((1, 1, 3), 9.0), torch.rand(1, 20, 3), 0.1, 4)
    assert index.tolist() == [[[0, 0, 0, 0]]]


def test_traced_by_compile():
    torch.library.opcheck(
        torch.ops.recon_mm.ball_query.default,
        (torch.rand(2, 5, 3), torch.rand(2, 30, 3), 0.0, 0.3, 4),
    )


@pytest.mark.parametrize(
    ('radius', 'num_samples', 'min_radius', 'message'),
    [(0.1, 0, 0.0, 'num_samples=0'), (0.1, 4, 0.1, 'min_radius=0.1 and radius=0.1')],
)
def test_bad_arguments(radius, num_samples, min_radius, message):
    with pytest.raises(ValueError, match=message):
        ball_query(torch.rand(1, 2, 3), torch.rand(1, 9, 3), radius, num_samples, min_radius)


@pytest.mark.cuda
def test_on_the_gpu_as_on_the_cpu():
    points = torch.rand(2, 5000, 3)
    query = points[:, :300]
    expected = ball_query(query, points, 0.1, 16)
    assert torch.equal(ball_query(query.cuda(), points.cuda(), 0.1, 16).cpu(), expected)
