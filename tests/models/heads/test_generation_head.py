"""Both Chamfer distances and colors; nothing in them makes a NaN."""

import pytest
import torch

from recon_mm.models.heads import GenerationHead
from recon_mm.ops import chamfer_distance


def test_losses_are_those_of_the_generated_points() -> None:
    head, tokens = GenerationHead(12, group_size=5, channels=6), torch.randn(2, 3, 12)
    target = torch.rand(2, 3, 5, 6)
    losses = head.loss(tokens, target)
    points, truth = (t.flatten(0, 1) for t in (head(tokens), target))
    for norm in ('l1', 'l2'):
        expected = chamfer_distance(points[..., :3], truth[..., :3], norm)
        torch.testing.assert_close(losses[f'loss_chamfer_{norm}'], expected)
    nearest = torch.cdist(points[..., :3], truth[..., :3]).argmin(2)
    colors = torch.stack([cloud[index] for cloud, index in zip(truth[..., 3:], nearest)])
    expected = torch.nn.functional.smooth_l1_loss(points[..., 3:], colors)
    torch.testing.assert_close(losses['loss_color'], expected)


@pytest.mark.parametrize(('channels', 'color_loss'), [(3, True), (6, False)])
def test_colors_without_a_loss(channels, color_loss) -> None:
    head = GenerationHead(12, group_size=5, channels=channels, color_loss=color_loss)
    losses = head.loss(torch.randn(2, 3, 12), torch.rand(2, 3, 5, channels))
    assert set(losses) == {'loss_chamfer_l1', 'loss_chamfer_l2'}


def test_the_gradient_of_a_perfect_point_is_zero_and_not_nan() -> None:
    head, tokens = GenerationHead(12, group_size=5), torch.randn(1, 2, 12, requires_grad=True)
    sum(head.loss(tokens, head(tokens).detach()).values()).backward()
    assert torch.equal(tokens.grad, torch.zeros_like(tokens))
