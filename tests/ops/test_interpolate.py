"""Three-nearest interpolation against a loop over points."""

import pytest
import torch

from recon_mm.ops import three_interpolate


def naive(query, source, features):
    out = []
    for cloud in range(len(query)):
        for point in query[cloud]:
            distance = (source[cloud] - point).square().sum(-1)
            nearest = distance.argsort()[:3]
            weight = 1 / (distance[nearest] + 1e-8)
            out.append((weight / weight.sum()) @ features[cloud][nearest])
    return torch.stack(out).view(*query.shape[:2], -1)


@pytest.mark.parametrize('num_sources', [3, 20, 600])
def test_values_and_gradient(num_sources):
    query, source = torch.randn(2, 30, 3), torch.randn(2, num_sources, 3)
    query[:, 0] = source[:, 1]  # on a source point
    query.requires_grad_()
    source.requires_grad_()
    features = torch.randn(2, num_sources, 5, requires_grad=True)
    out = three_interpolate(query, source, features)
    expected = naive(query.detach(), source.detach(), features)
    torch.testing.assert_close(out, expected)
    torch.testing.assert_close(out[:, 0], features[:, 1], rtol=1e-4, atol=1e-4)
    weight = torch.randn_like(out)
    (gradient,) = torch.autograd.grad((expected * weight).sum(), features)
    (out * weight).sum().backward()
    torch.testing.assert_close(features.grad, gradient)
    assert query.grad is None
    assert source.grad is None


@pytest.mark.parametrize('dtype', [torch.bfloat16, torch.float64])
def test_keeps_the_dtype_of_features(dtype):
    query, source, features = torch.randn(2, 9, 3), torch.randn(2, 6, 3), torch.randn(2, 6, 4)
    features = features.to(dtype).requires_grad_()
    with torch.autocast('cpu', torch.bfloat16):
        out = three_interpolate(query, source, features)
    assert out.dtype == dtype
    expected = three_interpolate(query, source, features.float()).to(dtype)
    torch.testing.assert_close(out, expected)
    out.sum().backward()
    assert features.grad.dtype == dtype


def test_errors():
    query, source = torch.rand(2, 9, 3), torch.rand(2, 6, 3)
    with pytest.raises(ValueError, match=r'features has shape \(2, 7, 4\), expected \(B, 6, C\)'):
        three_interpolate(query, source, torch.rand(2, 7, 4))
    with pytest.raises(ValueError, match='source holds 2 clouds and features 1'):
        three_interpolate(query, source, torch.rand(1, 6, 4))
    with pytest.raises(ValueError, match='source holds 2 points per cloud, expected at least 3'):
        three_interpolate(query, source[:, :2], torch.rand(2, 2, 4))


@pytest.mark.cuda
def test_cuda_gives_the_same():
    query, source = torch.randn(2, 500, 3), torch.randn(2, 64, 3)
    features = torch.randn(2, 64, 8)
    out = three_interpolate(query.cuda(), source.cuda(), features.cuda())
    torch.testing.assert_close(out.cpu(), three_interpolate(query, source, features))
