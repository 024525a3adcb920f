from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from recon_mm.datasets import DataError
from recon_mm.datasets.transforms import (
    AugmentImage,
    LoadPoints,
    LoadRenderedImage,
    LoadTeacherFeatures,
    NormalizePoints,
    PackPointInputs,
    ResizeImage,
    SamplePoints,
)
from tests.stores import store_features


@pytest.mark.parametrize(
    ('array', 'words'),
    [
        (np.zeros((10, 4), np.float32), r'shape \(10, 4\), expected \(N, 3\)'),
        (np.zeros(30, np.float32), r'shape \(30,\), expected \(N, 3\)'),
        (np.zeros((3, 3), np.float32), 'holds 3 points, expected at least 8'),
        (np.full((10, 3), np.nan), 'NaN, infinite or too large values in 10 of 10 points'),
        (np.array([[0, 0, 0]] * 9 + [[0, np.inf, 0]]), r'first: point 9'),
        (np.array([['a', 'b', 'c']]), 'expected an .* array of numbers'),
        (np.array([[0, 0, 0]] * 9 + [[1e300, 0, 0]]), r'point 9 = \[1e\+300, 0\.0, 0\.0\]'),
        (np.array([[0, 0, 0]] * 9 + [[0, 0, -2e15]], np.float32), r'too large .*\+-1e\+15'),
        (np.ones((10, 3)), 'holds 10 points, of which 1 differ .* at least 8'),
        (np.tile(np.eye(3), (50, 1)), 'holds 150 points, of which 3 differ .* at least 8'),
        (1e8 + np.arange(30).reshape(10, 3) / 9, 'of which 1 differ'),  # in float64 they do
    ],
)
def test_bad_cloud_is_named(tmp_path: Path, array: np.ndarray, words: str) -> None:
    path = tmp_path / 'shape.npy'
    np.save(path, array)
    with pytest.raises(DataError, match=rf'shape\.npy.*{words}'):
        LoadPoints(min_points=8)({'points_path': str(path)})


def test_truncated_missing_and_pickled_clouds_are_named(tmp_path: Path) -> None:
    path = tmp_path / 'shape.npy'
    with pytest.raises(DataError, match=r'no file .*shape\.npy'):
        LoadPoints()({'points_path': str(path)})
    np.save(path, np.zeros((10, 3)))
    whole = path.read_bytes()
    for size in (0, 5, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match=rf'shape\.npy.*{size} bytes'):
            LoadPoints()({'points_path': str(path)})
    np.save(path, np.array([{'a': 1}]), allow_pickle=True)
    with pytest.raises(DataError, match=r'shape\.npy'):
        LoadPoints()({'points_path': str(path)})


def test_different_points_are_found_wherever_they_are(tmp_path: Path) -> None:
    path = tmp_path / 'shape.npy'
    cloud = np.zeros((500, 3), np.float32)
    cloud[-7:, 2] = np.arange(1, 8)
    np.save(path, cloud)
    points = LoadPoints(min_points=8)({'points_path': str(path)})['points']
    np.testing.assert_array_equal(points, cloud)
    with pytest.raises(DataError, match=r'of which 8 differ .* at least 9'):
        LoadPoints(min_points=9)({'points_path': str(path)})
    np.save(path, cloud[:40])
    with pytest.raises(DataError, match=r'of which 1 differ .* at least 2'):
        LoadPoints()({'points_path': str(path)})


def test_points_become_float32(tmp_path: Path) -> None:
    path = tmp_path / 'shape.npy'
    np.save(path, np.arange(30, dtype=np.float64).reshape(10, 3))
    points = LoadPoints()({'points_path': str(path)})['points']
    assert points.dtype == np.float32
    np.testing.assert_array_equal(points, np.arange(30).reshape(10, 3))


def test_image_is_rgb_also_from_gray_and_alpha(tmp_path: Path) -> None:
    path = tmp_path / 'view.png'
    for pixel in ((10, 20, 30), (10, 20, 30, 255)):  # blue first, as OpenCV writes
        cv2.imwrite(str(path), np.full((4, 5, len(pixel)), pixel, np.uint8))
        image = LoadRenderedImage()({'image_path': str(path)})['images']
        assert image.shape == (4, 5, 3)
        assert image.dtype == np.uint8
        assert image[0, 0].tolist() == [30, 20, 10]
    cv2.imwrite(str(path), np.full((4, 5), 7, np.uint8))
    assert LoadRenderedImage()({'image_path': str(path)})['images'].shape == (4, 5, 3)


def test_bad_image_is_named(tmp_path: Path) -> None:
    path = tmp_path / 'view.png'
    with pytest.raises(DataError, match=r"view\.png.*sample 'x'"):
        LoadRenderedImage()({'image_path': str(path), 'sample_id': 'x'})
    path.write_bytes(b'\x89PNG nothing more')
    with pytest.raises(DataError, match=r'view\.png'):
        LoadRenderedImage()({'image_path': str(path)})


def test_image_augmentation_is_random_seeded_and_uint8(rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (64, 80, 3), dtype=np.uint8)
    transform = AugmentImage()
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(transform({'images': image.copy()})['images'])
    assert results[0].shape == (224, 224, 3)
    assert results[0].dtype == np.uint8
    np.testing.assert_array_equal(results[0], results[1])
    assert not np.array_equal(results[0], results[2])


def test_resized_image_keeps_its_layout() -> None:
    image = np.zeros((50, 30, 3), np.uint8)
    image[:25] = (200, 100, 0)
    result = ResizeImage(size=224)({'images': image})['images']
    assert result.shape == (224, 224, 3)
    assert result[10, 100].tolist() == [200, 100, 0]
    assert result[200, 100].tolist() == [0, 0, 0]


def test_sampling_takes_labels_along() -> None:
    points = np.arange(300, dtype=np.float32).reshape(100, 3)
    np.random.seed(0)  # noqa: NPY002
    results = SamplePoints(40)({'points': points, 'part_labels': np.arange(100)})
    assert results['points'].shape == (40, 3)
    np.testing.assert_array_equal(results['points'], points[results['part_labels']])
    assert len(set(results['part_labels'])) == 40


@pytest.mark.parametrize('shuffle', [True, False])
def test_a_small_cloud_is_kept_whole_and_repeated(shuffle: bool) -> None:
    points = np.arange(30, dtype=np.float32).reshape(10, 3)
    chosen = SamplePoints(25, shuffle=shuffle)({'points': points})['points']
    assert len(chosen) == 25
    assert set(map(tuple, chosen)) == set(map(tuple, points))


def test_sampling_without_shuffle_is_the_same_every_time() -> None:
    points = np.arange(300, dtype=np.float32).reshape(100, 3)
    transform = SamplePoints(25, shuffle=False)
    first = transform({'points': points})['points']
    np.testing.assert_array_equal(first, points[::4])
    np.testing.assert_array_equal(transform({'points': points})['points'], first)


def test_normalization(rng: np.random.Generator) -> None:
    points = rng.normal(3, 7, (200, 6)).astype(np.float32)
    before = points.copy()
    result = NormalizePoints()({'points': points})['points']
    np.testing.assert_allclose(result[:, :3].mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(result[:, :3], axis=1).max(), 1, rtol=1e-6)
    np.testing.assert_array_equal(result[:, 3:], before[:, 3:])
    np.testing.assert_array_equal(points, before)
    same = NormalizePoints()({'points': np.ones((4, 3), np.float32)})['points']
    np.testing.assert_array_equal(same, 0)


def test_packing(rng: np.random.Generator) -> None:
    results = {
        'points': rng.normal(size=(20, 3)),
        'images': rng.integers(0, 256, (8, 9, 3), dtype=np.uint8),
        'image_features': rng.normal(size=16).astype(np.float16),
        'category': 4,
        'part_labels': rng.integers(0, 5, 20, dtype=np.int32),
        'sample_id': 'a',
    }
    packed = PackPointInputs(
        input_keys=('points', 'images', 'image_features', 'category'),
        data_sample_keys=('gt_label', 'gt_part'),
    )(results)
    inputs, sample = packed['inputs'], packed['data_samples']
    assert (inputs['points'].shape, inputs['points'].dtype) == ((20, 3), torch.float32)
    assert (inputs['images'].shape, inputs['images'].dtype) == ((3, 8, 9), torch.uint8)
    assert (inputs['image_features'].shape, inputs['image_features'].dtype) == (
        (16,),
        torch.float32,
    )
    assert (inputs['category'].shape, inputs['category'].dtype) == ((), torch.int64)
    assert inputs['images'][:, 3, 5].tolist() == results['images'][3, 5].tolist()
    assert (sample.gt_label.tolist(), sample.gt_label.dtype) == ([4], torch.int64)
    assert sample.gt_part.tolist() == results['part_labels'].tolist()
    assert sample.gt_part.dtype == torch.int64
    assert sample.metainfo == {'sample_id': 'a'}


def test_packing_what_is_not_there() -> None:
    with pytest.raises(KeyError, match="no 'images'"):
        PackPointInputs(input_keys=('images',))({'points': np.zeros((1, 3))})
    with pytest.raises(KeyError, match="no 'part_labels'"):
        PackPointInputs(data_sample_keys=('gt_part',))({'points': np.zeros((1, 3))})


def test_teacher_features(tmp_path: Path) -> None:
    stored = np.arange(24, dtype=np.float16).reshape(2, 3, 4)
    store_features(tmp_path / 'features', stored, ['a', 'b'], feature_dims=4)
    path = str(tmp_path / 'features')
    fixed = LoadTeacherFeatures(path, view=1, expect={'feature_dims': 4})
    feature = fixed({'sample_id': 'b'})['image_features']
    assert feature.dtype == np.float32
    assert feature.tolist() == stored[1, 1].tolist()
    drawn = LoadTeacherFeatures(path, key='depth_features')
    views = {drawn({'sample_id': 'a'})['depth_features'][0] for _ in range(50)}
    assert views == {0.0, 4.0, 8.0}
    with pytest.raises(DataError, match=r"lacks 1 of 1 samples \(first: 'c'; it holds 2, e.g. 'a'"):
        drawn({'sample_id': 'c'})


def test_several_teacher_features(tmp_path: Path) -> None:
    """Different rows, each at most once; where there are fewer, rows of zeros follow."""
    np.random.seed(0)  # noqa: NPY002
    stored = 1 + np.arange(60, dtype=np.float16).reshape(3, 5, 4)
    stored[1, 2:] = stored[1, [0, 1, 0]]  # as sentences are repeated
    stored[2, 1:] = 0  # no views
    store_features(tmp_path / 'features', stored, ['five', 'two', 'one'], feature_dims=4)
    for rows, counts in ((13, (5, 2, 1)), (3, (3, 2, 1)), (1, (1, 1, 1))):
        step = LoadTeacherFeatures(str(tmp_path / 'features'), rows=rows)
        for sample, name, count in zip(stored, ('five', 'two', 'one'), counts):
            seen = set()
            for _ in range(30):
                found = step({'sample_id': name})['image_features']
                assert (found.shape, found.dtype) == ((rows, 4), np.float32)
                assert not found[count:].any()
                drawn = {tuple(row) for row in found[:count].tolist()}
                assert len(drawn) == count
                seen |= drawn
            assert seen == {tuple(row) for row in sample.tolist() if any(row)}
    store_features(tmp_path / 'zeros', np.zeros((1, 2, 4), np.float16), ['none'])
    empty = LoadTeacherFeatures(str(tmp_path / 'zeros'), rows=2)({'sample_id': 'none'})
    assert empty['image_features'].tolist() == np.zeros((2, 4)).tolist()
    for wrong in ({'rows': 0}, {'rows': 3, 'view': 1}):
        with pytest.raises(ValueError, match=rf'rows={wrong["rows"]} with view=.*at least 1 with'):
            LoadTeacherFeatures(str(tmp_path / 'features'), **wrong)


def test_features_of_an_untrained_teacher(tmp_path: Path, log: pytest.LogCaptureFixture) -> None:
    store_features(tmp_path / 'store', np.ones((1, 1, 4), np.float32), ['a'], trained=False)
    with pytest.raises(DataError, match=r"store' .*WITHOUT TRAINED(.|\n)*allow_untrained=True"):
        LoadTeacherFeatures(str(tmp_path / 'store'))
    assert not log.messages
    LoadTeacherFeatures(str(tmp_path / 'store'), allow_untrained=True)
    assert 'WITHOUT TRAINED WEIGHTS: they mean nothing' in log.messages[0]
    store_features(tmp_path / 'trained', np.ones((1, 1, 4), np.float32), ['a'], trained=True)
    LoadTeacherFeatures(str(tmp_path / 'trained'))


def test_teacher_features_that_do_not_fit(tmp_path: Path) -> None:
    store_features(tmp_path / 'features', np.ones((1, 3, 4), np.float32), ['a'], feature_dims=4)
    path = str(tmp_path / 'features')
    for view in ('all', 3):
        with pytest.raises(ValueError, match=rf"view={view!r}, expected 'random' or .* 0 to 2"):
            LoadTeacherFeatures(path, view=view)  # type: ignore
    with pytest.raises(DataError, match='a different feature_dims:\n  found    4\n  expected 5'):
        LoadTeacherFeatures(path, expect={'feature_dims': 5})
    with pytest.raises(DataError, match=r'there are no teacher features in .*nowhere'):
        LoadTeacherFeatures(str(tmp_path / 'nowhere'))
