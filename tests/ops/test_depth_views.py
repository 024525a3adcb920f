"""Depth images of clouds against the authors' renderer."""

from pathlib import Path

import torch

from recon_mm.ops.depth_views import depth_views, to_images
from tests.reference import reference_vectors


def test_reference(reference_dir: Path) -> None:
    vectors = reference_vectors(reference_dir / 'reconpp' / 'depth')
    views = depth_views(vectors['points'][None])
    assert views.shape == (1, 10, 110, 110)
    torch.testing.assert_close(views[0], vectors['image'], rtol=0, atol=1e-5)


def test_scale_and_place_do_not_matter() -> None:
    points = torch.rand(2, 200, 3)
    moved = depth_views(points * 4 + 2)  # exact in float32, so the cells stay the same
    assert (moved - depth_views(points)).abs().mean() < 1e-3
    assert torch.isfinite(depth_views(torch.ones(1, 40, 3))).all()


def test_images() -> None:
    images = to_images(torch.rand(2, 10, 110, 110))
    assert images.shape == (2, 10, 3, 256, 256)
    assert images.dtype == torch.uint8
    assert torch.equal(images[:, :, 0], images[:, :, 2])
