"""Statistics of a layer's output that is never computed."""

import torch

from recon_mm.models.layers import PatchEmbed
from recon_mm.models.layers.moments import joined_moments


def test_moments_are_those_of_the_output() -> None:
    rows = torch.randn(7, 5, 4, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(6, 4, dtype=torch.float64, requires_grad=True)
    offset = (3 + torch.randn(7, 6, dtype=torch.float64)).requires_grad_()
    mean, variance, count = joined_moments(rows, weight, offset)
    output = (rows @ weight.T + offset[:, None]).flatten(0, 1)  # (35, 6)
    assert count.item() == 35
    torch.testing.assert_close(mean, output.mean(0))
    torch.testing.assert_close(variance, output.var(0, correction=0))

    direction = torch.randn(6, dtype=torch.float64)
    inputs = (rows, weight, offset)
    actual = torch.autograd.grad((variance + mean) @ direction, inputs)
    wanted = torch.autograd.grad((output.var(0, correction=0) + output.mean(0)) @ direction, inputs)
    for a, b in zip(actual, wanted):
        torch.testing.assert_close(a, b)


def test_moments_stay_accurate_under_autocast() -> None:
    rows, weight, offset = torch.rand(64, 8, 16), torch.randn(6, 16), torch.randn(64, 6)
    expected = joined_moments(rows, weight, offset)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        actual = joined_moments(rows, weight, offset)
    for a, b in zip(actual, expected):
        assert torch.equal(a, b)


def test_batch_norm_sees_groups_that_are_not_wanted() -> None:
    neighborhood = torch.rand(2, 6, 8, 3)
    wanted = torch.tensor([[0, 3], [2, 5]])
    some, all_ = PatchEmbed(24), PatchEmbed(24)
    all_.load_state_dict(some.state_dict())
    tokens = all_(neighborhood).gather(1, wanted[..., None].expand(-1, -1, 24))
    torch.testing.assert_close(some(neighborhood, wanted), tokens)
    torch.testing.assert_close(some.group_norm.running_var, all_.group_norm.running_var)
    assert some.group_norm.num_batches_tracked == 1
