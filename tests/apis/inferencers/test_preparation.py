"""Batch transforms on clouds of unequal sizes."""

import pytest
import torch

from recon_mm.apis.inferencers import preparation
from recon_mm.models.data_preprocessor import BatchFurthestPointSample, BatchNormalize

SIZES = (70, 64, 130, 90, 64, 64, 200)


@pytest.mark.parametrize('slack', [1.0, 2.0, 10.0])
def test_each_cloud_is_sampled_as_alone(slack: float, monkeypatch) -> None:
    """Padding, which joins clouds on a GPU, changes nothing."""
    monkeypatch.setitem(preparation.SLACK, 'cpu', slack)
    clouds = [torch.randn(size, 4) for size in SIZES]
    for transform in (BatchFurthestPointSample(64), BatchNormalize()):
        found = preparation.apply(transform, clouds)
        for cloud, result in zip(clouds, found):
            assert torch.equal(result, transform(cloud[None])[0])


def test_the_steps_of_the_test_set_are_used(tiny_config) -> None:
    steps = preparation.test_steps(tiny_config('part_segmentation_shapenetpart'))
    assert [step['type'] for step in steps] == ['NormalizePoints', 'SamplePoints']
    assert preparation.test_steps(tiny_config('linear_svm_modelnet40')) == []
    assert preparation.test_steps({}) == []
