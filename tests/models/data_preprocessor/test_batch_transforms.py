import pytest
import torch

from recon_mm.registry import MODELS


def build(name: str, **kwargs):
    return MODELS.build({'type': name, **kwargs})


@pytest.fixture
def points() -> torch.Tensor:
    return torch.randn(5, 300, 3)


def rows(points: torch.Tensor) -> list[set]:
    return [set(map(tuple, cloud.tolist())) for cloud in points]


def test_random_sample_is_a_subset_without_repeats(points: torch.Tensor) -> None:
    sample = build('BatchRandomSample', num_points=100)(points)
    assert sample.shape == (5, 100, 3)
    for chosen, all_rows in zip(rows(sample), rows(points)):
        assert len(chosen) == 100
        assert chosen < all_rows


def test_random_sample_differs_between_clouds_and_calls(points: torch.Tensor) -> None:
    same = points[:1].expand(2, -1, -1)
    transform = build('BatchRandomSample', num_points=100)
    first = transform(same)
    assert rows(first)[0] != rows(first)[1]
    assert rows(transform(same)) != rows(first)


def test_random_sample_of_too_few(points: torch.Tensor) -> None:
    with pytest.raises(ValueError, match='clouds of 300 points'):
        build('BatchRandomSample', num_points=301)(points)


def test_furthest_points_cover_the_clusters() -> None:
    clusters = torch.tensor([[0.0, 0, 0], [10, 0, 0], [0, 10, 0], [0, 0, 10]])
    points = clusters.repeat_interleave(50, dim=0) + 0.1 * torch.rand(2, 200, 3)
    sample = build('BatchFurthestPointSample', num_points=4)(points)
    nearest = torch.cdist(sample, clusters[None]).argmin(dim=-1)
    assert [sorted(row) for row in nearest.tolist()] == [[0, 1, 2, 3]] * 2


def test_furthest_points_from_a_pool(points: torch.Tensor) -> None:
    pool = build('BatchFurthestPointSample', num_points=60)(points)
    sample = build('BatchFurthestPointSample', num_points=50, pool=60)(points)
    for chosen, pooled in zip(rows(sample), rows(pool)):
        assert len(chosen) == 50
        assert chosen < pooled


def test_furthest_points_of_a_cloud_no_larger_than_the_pool(points: torch.Tensor) -> None:
    assert torch.equal(build('BatchFurthestPointSample', num_points=300)(points), points)
    sample = build('BatchFurthestPointSample', num_points=200, pool=1200)(points)
    assert sample.shape == (5, 200, 3)


def test_furthest_points_arguments(points: torch.Tensor) -> None:
    with pytest.raises(ValueError, match='pool=10'):
        build('BatchFurthestPointSample', num_points=20, pool=10)
    with pytest.raises(ValueError, match='clouds of 300 points'):
        build('BatchFurthestPointSample', num_points=301, pool=400)(points)


def test_normalize(points: torch.Tensor) -> None:
    normal = build('BatchNormalize')(points * 7 + 3)
    torch.testing.assert_close(normal.mean(dim=1), torch.zeros(5, 3), atol=1e-5, rtol=0)
    torch.testing.assert_close(normal.norm(dim=-1).amax(dim=1), torch.ones(5))


def test_normalize_one_repeated_point() -> None:
    normal = build('BatchNormalize')(torch.full((1, 10, 3), 2.0))
    assert torch.equal(normal, torch.zeros(1, 10, 3))


@pytest.mark.parametrize(('axis', 'kept'), [('x', 0), ('y', 1), ('z', 2)])
def test_rotation_keeps_its_axis_and_the_geometry(
    points: torch.Tensor, axis: str, kept: int
) -> None:
    rotated = build('BatchRandomRotate', axis=axis)(points)
    assert torch.equal(rotated[..., kept], points[..., kept])
    torch.testing.assert_close(rotated.norm(dim=-1), points.norm(dim=-1))
    torch.testing.assert_close(
        torch.pdist(rotated.flatten(0, 1)[:300]), torch.pdist(points.flatten(0, 1)[:300])
    )
    solved = torch.linalg.lstsq(points, rotated).solution  # (B, 3, 3)
    torch.testing.assert_close(torch.linalg.det(solved), torch.ones(5))  # not a reflection
    assert not torch.allclose(solved[0], solved[1])  # one angle per cloud


def test_rotation_covers_all_angles() -> None:
    points = torch.tensor([1.0, 0, 0]).expand(400, 1, 3)
    rotated = build('BatchRandomRotate')(points)
    quadrants = (rotated[..., 0] > 0).long() + 2 * (rotated[..., 2] > 0).long()
    assert (quadrants.flatten().bincount(minlength=4) > 60).all()


@pytest.mark.parametrize('per_axis', [True, False])
def test_scale(points: torch.Tensor, per_axis: bool) -> None:
    scaled = build('BatchRandomScale', scale=(0.8, 1.25), per_axis=per_axis)(
        points.repeat(40, 1, 1)
    )
    factor = scaled / points.repeat(40, 1, 1)  # (B, N, 3)
    torch.testing.assert_close(factor, factor[:, :1].expand_as(factor), atol=1e-3, rtol=0)
    assert factor.min() > 0.8 - 1e-3
    assert factor.max() < 1.25 + 1e-3
    assert factor.min() < 0.85
    assert factor.max() > 1.2
    spread = factor[:, 0].std(dim=1)
    assert (spread > 1e-3).all() if per_axis else (spread < 1e-3).all()


def test_shift(points: torch.Tensor) -> None:
    offset = build('BatchRandomShift', shift=0.1)(points) - points
    torch.testing.assert_close(offset, offset[:, :1].expand_as(offset), atol=1e-5, rtol=0)
    assert offset.abs().max() <= 0.1 + 1e-5
    assert offset[:, 0].flatten().unique().numel() == 15  # each cloud and axis its own


@pytest.mark.parametrize(
    ('name', 'kwargs'),
    [
        ('BatchNormalize', {}),
        ('BatchRandomRotate', {}),
        ('BatchRandomScale', {}),
        ('BatchRandomShift', {}),
    ],
)
def test_columns_after_xyz_stay(points: torch.Tensor, name: str, kwargs: dict) -> None:
    wide = torch.cat([points, torch.rand(5, 300, 6)], dim=-1)
    result = build(name, **kwargs)(wide)
    assert torch.equal(result[..., 3:], wide[..., 3:])
    assert not torch.equal(result[..., :3], wide[..., :3])


def test_columns_after_xyz_are_selected_with_their_point(points: torch.Tensor) -> None:
    wide = torch.cat([points, points], dim=-1)
    for name in ('BatchRandomSample', 'BatchFurthestPointSample'):
        sample = build(name, num_points=20)(wide)
        assert torch.equal(sample[..., :3], sample[..., 3:])


def test_seeded(points: torch.Tensor) -> None:
    transforms = [
        build('BatchFurthestPointSample', num_points=50, pool=80),
        build('BatchRandomRotate'),
        build('BatchRandomScale'),
        build('BatchRandomShift'),
    ]
    results = []
    for _ in range(2):
        torch.manual_seed(7)
        x = points
        for transform in transforms:
            x = transform(x)
        results.append(x)
    assert torch.equal(*results)


def test_input_is_not_changed(points: torch.Tensor) -> None:
    before = points.clone()
    for name in ('BatchNormalize', 'BatchRandomRotate', 'BatchRandomScale', 'BatchRandomShift'):
        build(name)(points)
    assert torch.equal(points, before)


@pytest.mark.cuda
def test_on_cuda(points: torch.Tensor) -> None:
    on_device = points.cuda()
    torch.testing.assert_close(
        build('BatchNormalize')(on_device).cpu(), build('BatchNormalize')(points)
    )
    assert build('BatchFurthestPointSample', num_points=50, pool=80)(on_device).is_cuda
    assert build('BatchRandomRotate')(on_device).is_cuda
