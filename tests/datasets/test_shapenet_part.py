import json
from pathlib import Path

import numpy as np
import pytest

from recon_mm.datasets import DataError, ShapeNetPart


def test_splits_and_values(shapenet_part_root: Path) -> None:
    sizes = {'train': 4, 'val': 2, 'trainval': 6, 'test': 2}
    for split, size in sizes.items():
        assert len(ShapeNetPart(str(shapenet_part_root), split=split)) == size
    dataset = ShapeNetPart(str(shapenet_part_root), split='test')
    info = dataset.get_data_info(1)
    assert (info['category'], info['sample_id']) == (1, '02773838-shape3')
    table = np.loadtxt(shapenet_part_root / '02773838' / 'shape3.txt')
    np.testing.assert_allclose(info['points'], table[:, :3], atol=1e-6)
    np.testing.assert_array_equal(info['part_labels'], table[:, 6])
    assert info['points'].dtype == np.float32
    assert info['part_labels'].dtype == np.int64
    assert set(info['part_labels']) == set(dataset.metainfo['parts'][1])


def test_metainfo() -> None:
    meta = ShapeNetPart.METAINFO
    assert len(meta['classes']) == 16
    assert [label for parts in meta['parts'] for label in parts] == list(range(50))
    assert dict(zip(meta['classes'], meta['parts']))['Motorbike'] == (30, 31, 32, 33, 34, 35)
    assert len(set(meta['palette'])) == 50


def test_one_parse_serves_all_splits(
    shapenet_part_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ShapeNetPart(str(shapenet_part_root), split='train')
    monkeypatch.setattr(np, 'loadtxt', None)
    assert len(ShapeNetPart(str(shapenet_part_root), split='test')) == 2


def test_cache_can_live_elsewhere(shapenet_part_root: Path, tmp_path: Path) -> None:
    ShapeNetPart(str(shapenet_part_root), cache_dir=str(tmp_path / 'cache'))
    assert not (shapenet_part_root / '.recon_cache').exists()
    blocked = tmp_path / 'file'
    blocked.write_text('')
    with pytest.raises(DataError, match='cache_dir'):
        ShapeNetPart(str(shapenet_part_root), cache_dir=str(blocked))


def test_through_the_pipeline(shapenet_part_root: Path) -> None:
    pipeline = [
        {'type': 'NormalizePoints'},
        {'type': 'SamplePoints', 'num_points': 24},
        {
            'type': 'PackPointInputs',
            'input_keys': ('points', 'category'),
            'data_sample_keys': ('gt_part',),
        },
    ]
    dataset = ShapeNetPart(str(shapenet_part_root), pipeline=pipeline)
    for i in range(4):  # airplanes have more points than asked for, bags fewer
        sample = dataset[i]
        assert sample['inputs']['points'].shape == (24, 3)
        assert sample['data_samples'].gt_part.shape == (24,)


def test_wrong_part_and_wrong_columns_are_named(shapenet_part_root: Path) -> None:
    file = shapenet_part_root / '02773838' / 'shape0.txt'
    content = file.read_text()
    file.write_text(content + '0 0 0 0 0 1 7\n')
    with pytest.raises(DataError, match=r'shape0\.txt.*label 7.*expected 4 to 5'):
        ShapeNetPart(str(shapenet_part_root))
    file.write_text('0 0 0 4\n')
    with pytest.raises(DataError, match=r'shape0\.txt.*\(1, 4\), expected \(N, 7\)'):
        ShapeNetPart(str(shapenet_part_root))


def test_missing_shape_and_list(shapenet_part_root: Path) -> None:
    (shapenet_part_root / '02691156' / 'shape3.txt').unlink()
    with pytest.raises(DataError, match=r'02691156/shape3\.txt'):
        ShapeNetPart(str(shapenet_part_root))
    lists = shapenet_part_root / 'train_test_split'
    (lists / 'shuffled_test_file_list.json').unlink()
    assert len(ShapeNetPart(str(shapenet_part_root))) == 4  # its own list is there
    with pytest.raises(DataError, match=r'shuffled_test_file_list\.json'):
        ShapeNetPart(str(shapenet_part_root), split='test')


def test_list_and_categories_of_another_form(shapenet_part_root: Path) -> None:
    path = shapenet_part_root / 'train_test_split' / 'shuffled_train_file_list.json'
    path.write_text(json.dumps(['shape_data/99999999/a']))
    with pytest.raises(DataError, match='99999999/a'):
        ShapeNetPart(str(shapenet_part_root))
    (shapenet_part_root / 'synsetoffset2category.txt').write_text('Spoon 1\n')
    with pytest.raises(DataError, match="'Spoon 1'"):
        ShapeNetPart(str(shapenet_part_root))
