import pickle
from pathlib import Path

import numpy as np
import pytest

from recon_mm.datasets import DataError, S3DISBlocks
from recon_mm.utils.safe_pickle import load_pickle


def room(root: Path, area: int) -> tuple[np.ndarray, np.ndarray]:
    name = f'Area_{area}_office_1.bin'
    points = np.fromfile(root / 'points' / name, dtype=np.float32).reshape(-1, 6)
    points[:, :3] -= points[:, :3].min(axis=0)
    return points, np.fromfile(root / 'semantic_mask' / name, dtype=np.int64)


def test_training_blocks(s3dis_root: Path) -> None:
    np.random.seed(0)  # noqa: NPY002
    dataset = S3DISBlocks(str(s3dis_root), num_points=128)
    assert len(dataset) == 5 * (700 // 128)
    names = {dataset.get_data_info(i)['sample_id'] for i in range(len(dataset))}
    assert names == {f'Area_{area}_office_1' for area in (1, 2, 3, 4, 6)}
    info = dataset.get_data_info(0)
    points, labels = room(s3dis_root, 1)
    rows = info['point_index']
    assert info['points'].shape == (128, 9)
    assert info['points'].dtype == np.float32
    assert len(set(rows)) == 128
    np.testing.assert_array_equal(info['part_labels'], labels[rows])
    offset = points[rows, :3] - info['points'][:, :3]
    np.testing.assert_allclose(offset, offset[:1].repeat(128, axis=0), atol=1e-5)
    assert np.abs(info['points'][:, :2]).max() <= 0.5 + 2e-3
    np.testing.assert_allclose(info['points'][:, 2], points[rows, 2], atol=1e-6)  # from the floor
    np.testing.assert_allclose(info['points'][:, 3:6], points[rows, 3:] / 255, atol=1e-6)
    size = points[:, :3].max(axis=0)
    np.testing.assert_allclose(info['points'][:, 6:], points[rows, :3] / size, atol=1e-5)


@pytest.mark.parametrize('stride', [0.5, 1.0])
def test_test_blocks_judge_every_point(s3dis_root: Path, stride: float) -> None:
    dataset = S3DISBlocks(str(s3dis_root), split='test', num_points=128, stride=stride)
    _, labels = room(s3dis_root, 5)
    seen = np.zeros(700, dtype=int)
    for i in range(len(dataset)):
        info = dataset.get_data_info(i)
        assert info['sample_id'] == 'Area_5_office_1'
        assert info['room_points'] == 700
        assert len(info['points']) == 128
        assert np.abs(info['points'][:, :2]).max() <= 0.5 + 2e-3
        np.testing.assert_array_equal(info['part_labels'], labels[info['point_index']])
        seen[info['point_index']] += 1
    assert seen.min() >= 1
    again = dataset.get_data_info(1)
    np.testing.assert_array_equal(again['points'], dataset.get_data_info(1)['points'])


def test_a_small_block_is_repeated_and_channels_are_cut(s3dis_root: Path) -> None:
    for split in ('train', 'test'):
        dataset = S3DISBlocks(str(s3dis_root), split=split, num_points=1000, channels=6)
        info = dataset.get_data_info(0)
        assert info['points'].shape == (1000, 6)
        assert 100 < len(set(info['point_index'])) < 700
    with pytest.raises(ValueError, match='channels=4'):
        S3DISBlocks(str(s3dis_root), channels=4)


def test_other_test_area(s3dis_root: Path) -> None:
    dataset = S3DISBlocks(str(s3dis_root), split='test', test_area=2)
    assert dataset.get_data_info(0)['sample_id'] == 'Area_2_office_1'


def test_packed(s3dis_root: Path) -> None:
    pack = {
        'type': 'PackPointInputs',
        'data_sample_keys': ('gt_part', 'point_index'),
        'meta_keys': ('sample_id', 'room_points'),
    }
    dataset = S3DISBlocks(str(s3dis_root), split='test', num_points=128, pipeline=[pack])
    sample = dataset[0]
    assert sample['inputs']['points'].shape == (128, 9)
    assert sample['data_samples'].point_index.shape == (128,)
    assert sample['data_samples'].metainfo['room_points'] == 700


def test_truncated_room(s3dis_root: Path) -> None:
    path = s3dis_root / 'points' / 'Area_5_office_1.bin'
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataError, match=r'Area_5_office_1\.bin.*truncated'):
        S3DISBlocks(str(s3dis_root), split='test')
    path.unlink()
    with pytest.raises(DataError, match=r'no file .*Area_5_office_1\.bin'):
        S3DISBlocks(str(s3dis_root), split='test')


def test_missing_and_foreign_info_files(s3dis_root: Path) -> None:
    path = s3dis_root / 's3dis_infos_Area_5.pkl'
    path.write_bytes(pickle.dumps([{'point_cloud': {}}]))
    with pytest.raises(DataError, match=r's3dis_infos_Area_5\.pkl.*data_list'):
        S3DISBlocks(str(s3dis_root), split='test')
    path.unlink()
    with pytest.raises(DataError, match=r's3dis_infos_Area_5\.pkl'):
        S3DISBlocks(str(s3dis_root), split='test')


def test_label_out_of_range(s3dis_root: Path) -> None:
    np.full(700, 13).tofile(s3dis_root / 'semantic_mask' / 'Area_5_office_1.bin')
    with pytest.raises(DataError, match=r'label 13 .*expected 0 to 12'):
        S3DISBlocks(str(s3dis_root), split='test')


def test_a_real_room(shared_data: Path, tmp_path: Path) -> None:
    """The file that mmdetection3d's own tests use."""
    source = shared_data / 'mmdet3d_samples/tests_data/s3dis'
    for name in ('points', 'semantic_mask'):
        (tmp_path / name).symlink_to(source / name)
    infos = load_pickle(source / 's3dis_infos.pkl')
    for area in range(1, 7):
        content = {**infos, 'data_list': infos['data_list'] if area in (1, 5) else []}
        (tmp_path / f's3dis_infos_Area_{area}.pkl').write_bytes(pickle.dumps(content))
    points = np.fromfile(source / 'points/Area_1_office_2.bin', dtype=np.float32).reshape(-1, 6)
    train = S3DISBlocks(str(tmp_path), num_points=32).get_data_info(0)
    assert np.abs(train['points'][:, :2]).max() <= 0.5 + 2e-3
    np.testing.assert_allclose(train['points'][:, 3:6] * 255, points[train['point_index'], 3:])
    test = S3DISBlocks(str(tmp_path), split='test', num_points=32, stride=1.0)
    judged = {row for i in range(len(test)) for row in test.get_data_info(i)['point_index']}
    assert judged == set(range(len(points)))
