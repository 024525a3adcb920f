"""The walk from center to center against a loop over clouds."""

import pytest
import torch

from recon_mm.ops import greedy_order


def walk(center: torch.Tensor) -> list[int]:
    order = [0]
    while len(order) < len(center):
        distance = (center - center[order[-1]]).square().sum(-1)
        distance[order] = float('inf')
        order.append(int(distance.argmin()))
    return order


@pytest.mark.parametrize('num_groups', [1, 2, 40])
def test_equals_the_loop_over_clouds(num_groups) -> None:
    center = torch.rand(5, num_groups, 3)
    assert greedy_order(center).tolist() == [walk(cloud) for cloud in center]


def test_of_equally_near_centers_the_first_comes_first() -> None:
    center = torch.tensor([[[0.0, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 0]]])
    assert greedy_order(center).tolist() == [[0, 3, 1, 2]]
    assert greedy_order(torch.zeros(1, 4, 3)).tolist() == [[0, 1, 2, 3]]


def test_computed_in_float32_without_gradient() -> None:
    center = torch.rand(2, 9, 3).bfloat16().requires_grad_()
    order = greedy_order(center)
    assert order.dtype == torch.int64
    assert torch.equal(order, greedy_order(center.float()))


def test_bad_shapes() -> None:
    with pytest.raises(ValueError, match=r'center has shape \(4, 3\)'):
        greedy_order(torch.rand(4, 3))
