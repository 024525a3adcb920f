"""Chamfer distance against autograd through the whole matrix of distances."""

from pathlib import Path

import numpy as np
import pytest
import torch

from recon_mm.ops import _distance, chamfer_distance, group_points


def naive(prediction, target, norm):
    distance = (prediction[:, :, None] - target[:, None]).square().sum(-1)
    forward, backward = distance.amin(2), distance.amin(1)
    if norm == 'l2':
        return forward.mean() + backward.mean()
    return (forward.sqrt().mean() + backward.sqrt().mean()) / 2


@pytest.mark.parametrize('norm', ['l2', 'l1'])
@pytest.mark.parametrize(('batch', 'rows', 'columns'), [(9, 16, 16), (4, 7, 20), (1, 600, 520)])
@pytest.mark.parametrize('limit', [600, 1 << 21])
def test_values_and_gradients(norm, batch, rows, columns, limit, monkeypatch):
    monkeypatch.setattr(_distance, 'CPU_ELEMENTS', limit)  # blocks of clouds, of rows, and whole
    sets = [torch.randn(batch, n, 3, requires_grad=True) for n in (rows, columns)]
    ours, theirs = chamfer_distance(*sets, norm=norm), naive(*sets, norm)
    torch.testing.assert_close(ours, theirs)
    for mine, other in zip(torch.autograd.grad(ours, sets), torch.autograd.grad(theirs, sets)):
        torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize('norm', ['l2', 'l1'])
def test_equal_sets_have_no_distance_and_a_finite_gradient(norm):
    points = torch.randn(3, 8, 3, requires_grad=True)
    loss = chamfer_distance(points, points.detach().flip(1), norm=norm)
    loss.backward()
    assert loss.item() == 0
    assert torch.equal(points.grad, torch.zeros_like(points))


def test_reference(reference_dir: Path):
    vectors = {
        name: torch.from_numpy(value)
        for name, value in np.load(reference_dir / 'tiny' / 'vectors.npz').items()
    }
    target = group_points(vectors['points'], 32, 16).neighborhood[vectors['mask']]
    for norm in ('l2', 'l1'):
        loss = chamfer_distance(vectors['predicted_points'], target, norm=norm)
        torch.testing.assert_close(loss, vectors[f'loss_chamfer_{norm}'], rtol=1e-5, atol=0)


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float64])
def test_computed_in_float32(dtype):
    prediction = torch.randn(5, 9, 3).to(dtype).requires_grad_()
    target = torch.randn(5, 9, 3).to(dtype)
    with torch.autocast('cpu', torch.bfloat16):
        loss = chamfer_distance(prediction, target)
    assert loss.dtype == torch.float32
    assert loss == chamfer_distance(prediction.float(), target.float())
    loss.backward()
    assert prediction.grad.dtype == dtype


def test_errors():
    points = torch.rand(2, 4, 3)
    with pytest.raises(ValueError, match="norm='L2', expected 'l2' or 'l1'"):
        chamfer_distance(points, points, norm='L2')
    with pytest.raises(ValueError, match=r'target has shape \(2, 4, 2\)'):
        chamfer_distance(points, points[..., :2])
    with pytest.raises(ValueError, match='prediction holds 2 clouds and target 1'):
        chamfer_distance(points, points[:1])


@pytest.mark.cuda
@pytest.mark.parametrize('norm', ['l2', 'l1'])
def test_cuda_without_sync(norm):
    prediction, target = torch.randn(50, 32, 3), torch.randn(50, 32, 3)
    expected = chamfer_distance(prediction, target, norm=norm)
    prediction, target = prediction.cuda().requires_grad_(), target.cuda()
    torch.cuda.set_sync_debug_mode('error')
    try:
        loss = chamfer_distance(prediction, target, norm=norm)
        loss.backward()
    finally:
        torch.cuda.set_sync_debug_mode('default')
    torch.testing.assert_close(loss.cpu(), expected)
