"""From collated samples to a batch."""

import pytest
import torch

from recon_mm.models import PointDataPreprocessor
from recon_mm.structures import PointDataSample

NORMALIZE = dict(type='BatchNormalize')
SAMPLE = dict(type='BatchRandomSample', num_points=10)


def test_transforms_of_training_and_test() -> None:
    preprocessor = PointDataPreprocessor(
        train_transforms=[NORMALIZE, SAMPLE], test_transforms=[NORMALIZE]
    )
    data = dict(inputs=dict(points=torch.rand(2, 30, 3) + 5))
    train, test = preprocessor(data, training=True), preprocessor(data)
    assert train['inputs']['points'].shape == (2, 10, 3)
    assert test['inputs']['points'].shape == (2, 30, 3)
    torch.testing.assert_close(test['inputs']['points'].norm(dim=-1).amax(1), torch.ones(2))
    assert data['inputs']['points'].min() >= 5


def test_lists_are_stacked_and_samples_kept() -> None:
    samples = [PointDataSample(metainfo=dict(sample_id=str(i))) for i in range(2)]
    data = dict(
        inputs=dict(points=[torch.rand(9, 3)] * 2, category=[torch.tensor(1)] * 2),
        data_samples=samples,
    )
    batch = PointDataPreprocessor()(data)
    assert batch['inputs']['points'].shape == (2, 9, 3)
    assert batch['inputs']['category'].tolist() == [1, 1]
    assert batch['data_samples'] is samples


def test_images_stay_bytes() -> None:
    images = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    data = dict(inputs=dict(points=torch.rand(2, 9, 3), images=images))
    assert PointDataPreprocessor()(data)['inputs']['images'].dtype == torch.uint8


def test_clouds_of_different_size_are_refused() -> None:
    data = dict(inputs=dict(points=[torch.rand(9, 3), torch.rand(8, 3)]))
    with pytest.raises(ValueError, match=r"inputs\['points'\].*add SamplePoints"):
        PointDataPreprocessor()(data)
