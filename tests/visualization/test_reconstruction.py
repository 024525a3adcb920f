"""Reconstruction beside its truth."""

import numpy as np
import pytest
import torch

from recon_mm.ops import chamfer_distance
from recon_mm.visualization import reconstruction_clouds
from recon_mm.visualization.reconstruction import nearest_distance

RNG = np.random.default_rng(0)


def test_four_pictures_of_a_cloud() -> None:
    points = RNG.uniform(-1, 1, (60, 3)).astype(np.float32)
    visible, masked = points[:30], points[20:]  # ten points are in both kinds of patches
    predicted = masked + 0.1
    given, hidden, rebuilt, error = reconstruction_clouds(
        points, visible, masked, predicted, 'chair'
    )
    assert given.title == 'chair: input' and len(given.points) == 60
    assert [name for name, _ in hidden.legend] == ['visible', 'hidden']
    assert hidden.labels is not None and np.bincount(hidden.labels).tolist() == [30, 30]
    assert [name for name, _ in rebuilt.legend] == ['visible', 'predicted']
    assert rebuilt.labels is not None and np.bincount(rebuilt.labels).tolist() == [30, 40]
    expected = chamfer_distance(torch.tensor(predicted)[None], torch.tensor(masked)[None]).item()
    assert rebuilt.title == f'reconstruction, Chamfer distance {expected:.4f}'
    assert error.limits[0] == 0 and error.values is not None
    assert error.limits[1] == error.values.max() <= 0.1 * 3**0.5 + 1e-6


def test_perfect_prediction_has_no_error() -> None:
    points = RNG.normal(size=(40, 3))
    *_, rebuilt, error = reconstruction_clouds(points, points[:10], points[10:], points[10:])
    assert rebuilt.title.endswith('0.0000')
    assert error.values is not None and (error.values == 0).all()


def test_nearest_distance() -> None:
    points, others = np.array([[0.0, 0, 0], [5, 0, 0]]), np.array([[0.0, 3, 4], [5, 0, 1]])
    assert nearest_distance(points, others) == pytest.approx([5, 1])
