import torch
import torch.nn.functional as F

from recon_mm.models.necks import FeaturePropagation
from recon_mm.ops import three_interpolate


def test_equals_the_layers_on_interpolated_tokens() -> None:
    """The plain form: interpolate first, join, then two layers on every point."""
    neck = FeaturePropagation(embed_dims=8, num_levels=2, point_dims=6, out_dims=10).train()
    points, center, tokens = torch.rand(2, 20, 6), torch.rand(2, 5, 3), torch.randn(2, 5, 16)
    upsampled = three_interpolate(points[..., :3], center, tokens)
    hidden = torch.cat([points, upsampled], dim=2).flatten(0, 1)
    for fc, norm in ((neck.fc1, neck.norm1), (neck.fc2, neck.norm2)):
        hidden = F.relu(norm(fc(hidden)))
    actual = neck(points, center, tokens)
    assert actual.shape == (2, 20, 10)
    torch.testing.assert_close(actual, hidden.view(2, 20, 10), rtol=1e-4, atol=1e-5)


def test_gradient_reaches_the_tokens() -> None:
    neck = FeaturePropagation(embed_dims=8, num_levels=1, out_dims=4).eval()
    tokens = torch.randn(1, 5, 8, requires_grad=True)
    neck(torch.rand(1, 50, 3), torch.rand(1, 5, 3), tokens).square().sum().backward()
    assert (tokens.grad.abs().sum(2) > 0).all()
