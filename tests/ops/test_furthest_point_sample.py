"""Furthest point sampling against a loop written down from its definition."""

from pathlib import Path

import numpy as np
import pytest
import torch

from recon_mm.ops import furthest_point_sample
from recon_mm.ops.compiled import has_cuda_ops
from recon_mm.ops.furthest_point_sample import sample_numpy, sample_torch


def naive(points, num_samples):
    clouds = []
    for cloud in points:
        selected = [0]
        while len(selected) < num_samples:
            to_each = (cloud[:, None] - cloud[selected]).square().sum(-1)  # (N, selected)
            nearest = to_each.min(1).values.tolist()
            selected.append(nearest.index(max(nearest)))
        clouds.append(selected)
    return torch.tensor(clouds)


@pytest.mark.parametrize('sample', [furthest_point_sample, sample_numpy, sample_torch])
@pytest.mark.parametrize(('batch', 'num_points', 'num_samples'), [(3, 200, 20), (1, 7, 7)])
def test_same_as_definition(sample, batch, num_points, num_samples):
    points = torch.randn(batch, num_points, 3)
    index = sample(points, num_samples)
    assert index.dtype == torch.int64
    assert index.tolist() == naive(points, num_samples).tolist()


@pytest.mark.parametrize('sample', [sample_numpy, sample_torch])
def test_ties_and_duplicates_take_the_lowest_index(sample):
    axis = torch.arange(4.0)
    grid = torch.cartesian_prod(axis, axis, axis)  # many equal distances
    points = torch.cat([grid, grid]).expand(2, -1, -1)  # every point twice
    index = sample(points, 40)
    assert index.tolist() == naive(points, 40).tolist()
    assert index.max() < 64
    assert sample(torch.ones(1, 5, 3), 5).tolist() == [[0, 0, 0, 0, 0]]


def test_implementations_agree_over_blocks_of_clouds():
    points = torch.rand(20, 5000, 3)  # numpy walks through 13 clouds, then 7
    assert torch.equal(sample_numpy(points, 30), sample_torch(points, 30))


@pytest.mark.parametrize('dtype', [torch.float64, torch.bfloat16, torch.float16])
def test_any_float_dtype_and_layout(dtype):
    points = torch.randn(2, 3, 100).to(dtype).transpose(1, 2).requires_grad_()
    expected = naive(points.detach().float(), 10)
    with torch.autocast('cpu', torch.bfloat16):
        assert torch.equal(furthest_point_sample(points, 10), expected)


def test_reference(reference_dir: Path):
    vectors = np.load(reference_dir / 'tiny' / 'vectors.npz')
    index = furthest_point_sample(torch.from_numpy(vectors['points']), 32)
    assert np.array_equal(index.numpy(), vectors['center_index'])


def test_same_as_fpsample():
    fpsample = pytest.importorskip('fpsample')
    points = torch.randn(4, 3000, 3)
    expected = [fpsample.fps_sampling(cloud, 64, start_idx=0).tolist() for cloud in points.numpy()]
    assert furthest_point_sample(points, 64).tolist() == expected


@pytest.mark.parametrize(
    ('points', 'num_samples', 'error', 'message'),
    [
        (torch.rand(2, 8, 3), 9, ValueError, 'num_samples=9, expected 1 to 8'),
        (torch.rand(2, 8, 3), 0, ValueError, 'num_samples=0, expected 1 to 8'),
        (torch.rand(2, 8, 6), 4, ValueError, r'points has shape \(2, 8, 6\).*x\[\.\.\., :3\]'),
        (torch.rand(8, 3), 4, ValueError, r'points has shape \(8, 3\).*x\[None\]'),
        (torch.ones(2, 8, 3, dtype=torch.int64), 4, TypeError, r'torch.int64.*\.float\(\)'),
    ],
)
def test_errors(points, num_samples, error, message):
    with pytest.raises(error, match=message):
        furthest_point_sample(points, num_samples)


@pytest.mark.cuda
def test_cuda_implementations_agree_without_sync():
    points = torch.randn(4, 4096, 3)
    expected = sample_numpy(points, 128)
    points = points.cuda()
    torch.cuda.set_sync_debug_mode('error')
    try:
        plain, chosen = sample_torch(points, 128), furthest_point_sample(points, 128)
    finally:
        torch.cuda.set_sync_debug_mode('default')
    assert torch.equal(plain.cpu(), expected)
    assert torch.equal(chosen.cpu(), expected)


@pytest.mark.cuda
@pytest.mark.skipif(not has_cuda_ops(), reason='mmcv is not built with CUDA ops')
def test_mmcv_implementation():
    from mmcv import ops

    points = torch.randn(4, 4096, 3, device='cuda')
    assert torch.equal(ops.furthest_point_sample(points, 128).long(), sample_torch(points, 128))
