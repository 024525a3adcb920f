"""Nearest neighbors against a sort of all distances."""

import pytest
import torch

from recon_mm.ops import _distance, _tree, knn
from recon_mm.ops._tree import TREE_MIN_POINTS
from recon_mm.ops.compiled import has_cuda_ops
from recon_mm.ops.knn import nearest_by_matrix, nearest_by_tree


def naive(query, points, k):
    distance = (query[:, :, None] - points[:, None]).square().sum(-1)
    return distance.argsort(dim=-1, stable=True)[..., :k]


def as_set(index):
    return index.sort(-1).values


def tree(*args):
    pytest.importorskip('scipy')
    return nearest_by_tree(*args)


@pytest.mark.parametrize('nearest', [knn, nearest_by_matrix, tree])
@pytest.mark.parametrize('k', [1, 2, 3, 16, 100])
@pytest.mark.parametrize('num_points', [100, 700])
def test_same_neighbors_as_sorting(nearest, k, num_points):
    query, points = torch.randn(3, 20, 3), torch.randn(3, num_points, 3)
    index, expected = nearest(query, points, k), naive(query, points, k)
    assert index.dtype == torch.int64
    assert torch.equal(as_set(index), as_set(expected))
    if k <= 3:
        assert torch.equal(index, expected)


@pytest.mark.parametrize('limit', [1, 250, 2_000, 5_000])
def test_blocks_of_any_size_give_the_same(limit, monkeypatch):
    query, points = torch.randn(3, 20, 3), torch.randn(3, 50, 3)  # 1000 distances a cloud
    whole = as_set(nearest_by_matrix(query, points, 8))
    monkeypatch.setattr(_distance, 'CPU_ELEMENTS', limit)
    assert torch.equal(as_set(nearest_by_matrix(query, points, 8)), whole)


@pytest.mark.parametrize('nearest', [nearest_by_matrix, tree])
def test_ties_and_duplicates_keep_the_nearest_distances(nearest):
    axis = torch.arange(5.0)
    grid = torch.cartesian_prod(axis, axis, axis)
    points = torch.cat([grid, grid, grid])[None]  # 375 points on 125 places
    for k in (1, 4, 50):
        index = nearest(grid[None], points, k)
        assert (as_set(index).diff(dim=-1) > 0).all()  # no neighbor twice
        found = (points[0][index] - grid[None, :, None]).square().sum(-1).sort(-1).values
        right = (points[0][naive(grid[None], points, k)] - grid[None, :, None]).square().sum(-1)
        assert torch.equal(found, right)


def test_all_points_the_same():
    points = torch.ones(2, TREE_MIN_POINTS, 3)
    assert (as_set(knn(points[:, :4], points, 32)).diff(dim=-1) > 0).all()


@pytest.mark.parametrize('dtype', [torch.float64, torch.bfloat16])
@pytest.mark.parametrize('num_points', [100, 700])
def test_any_float_dtype_and_layout(dtype, num_points):
    query = torch.randn(2, 10, 3).to(dtype).requires_grad_()
    points = torch.randn(2, 3, num_points).to(dtype).transpose(1, 2)
    query32, points32 = query.detach().float(), points.float()
    with torch.autocast('cpu', torch.bfloat16):
        index = knn(query, points, 5)
    distance = (query32[:, :, None] - points32[:, None]).square().sum(-1)
    nearest = distance.sort(-1).values[..., :5]  # bfloat16 has ties: compare distances
    assert torch.equal(distance.gather(-1, index).sort(-1).values, nearest)


def test_without_scipy(monkeypatch):
    monkeypatch.setattr(_tree, 'kdtree', lambda: None)
    query, points = torch.randn(1, 4, 3), torch.randn(1, 2 * TREE_MIN_POINTS, 3)
    assert torch.equal(as_set(knn(query, points, 9)), as_set(naive(query, points, 9)))


@pytest.mark.parametrize(
    ('query', 'points', 'k', 'message'),
    [
        ((2, 4, 3), (2, 8, 3), 9, 'k=9, expected 1 to 8'),
        ((2, 4, 3), (2, 8, 3), 0, 'k=0, expected 1 to 8'),
        ((2, 4, 2), (2, 8, 3), 1, r'query has shape \(2, 4, 2\)'),
        ((2, 4, 3), (8, 3), 1, r'points has shape \(8, 3\)'),
        ((2, 4, 3), (3, 8, 3), 1, 'query holds 2 clouds and points 3'),
    ],
)
def test_errors(query, points, k, message):
    with pytest.raises(ValueError, match=message):
        knn(torch.rand(query), torch.rand(points), k)


@pytest.mark.cuda
@pytest.mark.parametrize('k', [1, 3, 32, 120])
def test_cuda_without_sync(k):
    query, points = torch.randn(2, 100, 3), torch.randn(2, 3000, 3)
    expected = as_set(naive(query, points, k))
    query, points = query.cuda(), points.cuda()
    torch.cuda.set_sync_debug_mode('error')
    try:
        plain, chosen = nearest_by_matrix(query, points, k), knn(query, points, k)
    finally:
        torch.cuda.set_sync_debug_mode('default')
    assert torch.equal(as_set(plain.cpu()), expected)
    assert torch.equal(as_set(chosen.cpu()), expected)
    assert chosen.is_contiguous()


@pytest.mark.cuda
@pytest.mark.skipif(not has_cuda_ops(), reason='mmcv is not built with CUDA ops')
def test_mmcv_implementations():
    from mmcv import ops

    query, points = torch.randn(2, 100, 3).cuda(), torch.randn(2, 3000, 3).cuda()
    compiled = ops.knn(32, points, query).transpose(1, 2).long()
    assert torch.equal(as_set(compiled), as_set(nearest_by_matrix(query, points, 32)))
    assert torch.equal(ops.three_nn(query, points)[1].long(), nearest_by_matrix(query, points, 3))
