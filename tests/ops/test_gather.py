"""Gathering against plain indexing, one cloud at a time."""

import pytest
import torch

from recon_mm.ops import gather_points


@pytest.mark.parametrize('shape', [(5,), (5, 4), (1,), (2, 3, 4)])
def test_values_and_gradient(shape):
    features = torch.randn(3, 10, 6, requires_grad=True)
    index = torch.randint(0, 10, (3, *shape))  # with repetitions: gradients add up
    gathered = gather_points(features, index)
    expected = torch.stack([rows[i] for rows, i in zip(features, index)])
    assert torch.equal(gathered, expected)
    weight = torch.randn_like(gathered)
    ours, theirs = (
        torch.autograd.grad((out * weight).sum(), features)[0] for out in (gathered, expected)
    )
    torch.testing.assert_close(ours, theirs)


def test_double_precision_gradient():
    features = torch.randn(2, 5, 3, dtype=torch.float64, requires_grad=True)
    index = torch.randint(0, 5, (2, 4))
    assert torch.autograd.gradcheck(lambda x: gather_points(x, index), features)


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float64, torch.int64])
def test_keeps_dtype_and_takes_any_layout(dtype):
    features = (torch.randn(2, 6, 10) * 10).to(dtype).transpose(1, 2)
    index = torch.randint(0, 10, (4, 2)).t()
    gathered = gather_points(features, index)
    assert gathered.dtype == dtype
    assert torch.equal(gathered[1, 2], features[1, index[1, 2]])


def test_errors():
    with pytest.raises(ValueError, match=r'features has shape \(4, 3\)'):
        gather_points(torch.rand(4, 3), torch.zeros(4, 1, dtype=torch.int64))
    with pytest.raises(ValueError, match=r'index has shape \(2,\)'):
        gather_points(torch.rand(2, 4, 3), torch.zeros(2, dtype=torch.int64))
    with pytest.raises(ValueError, match='features holds 2 clouds and index 1'):
        gather_points(torch.rand(2, 4, 3), torch.zeros(1, 4, dtype=torch.int64))
