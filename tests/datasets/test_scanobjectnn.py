from pathlib import Path

import h5py
import numpy as np
import pytest

from recon_mm.datasets import DataError, ScanObjectNN


@pytest.mark.parametrize(
    ('variant', 'split', 'name'),
    [
        ('obj_bg', 'train', 'main_split/training_objectdataset.h5'),
        ('obj_only', 'test', 'main_split_nobg/test_objectdataset.h5'),
        ('pb_t50_rs', 'test', 'main_split/test_objectdataset_augmentedrot_scale75.h5'),
    ],
)
def test_variants(scanobjectnn_root: Path, variant: str, split: str, name: str) -> None:
    dataset = ScanObjectNN(str(scanobjectnn_root), split=split, variant=variant)
    assert len(dataset) == 3
    with h5py.File(scanobjectnn_root / name) as file:
        points, labels = file['data'][:], file['label'][:]
    for i in range(3):
        info = dataset.get_data_info(i)
        np.testing.assert_array_equal(info['points'], points[i])
        assert info['category'] == labels[i]


def test_classes() -> None:
    classes = ScanObjectNN.METAINFO['classes']
    assert len(classes) == 15
    assert (classes[0], classes[14]) == ('bag', 'toilet')


def test_unknown_variant(scanobjectnn_root: Path) -> None:
    with pytest.raises(ValueError, match='obj_bg'):
        ScanObjectNN(str(scanobjectnn_root), variant='hardest')


def test_missing_file_shows_the_layout(scanobjectnn_root: Path) -> None:
    (scanobjectnn_root / 'main_split_nobg/test_objectdataset.h5').unlink()
    with pytest.raises(DataError, match=r'test_objectdataset\.h5(.|\n)*augmentedrot_scale75'):
        ScanObjectNN(str(scanobjectnn_root), split='test', variant='obj_only')


def test_truncated_file(scanobjectnn_root: Path) -> None:
    path = scanobjectnn_root / 'main_split/test_objectdataset.h5'
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match=r'test_objectdataset\.h5.*truncated'):
        ScanObjectNN(str(scanobjectnn_root), split='test', variant='obj_bg')


@pytest.mark.parametrize(
    ('content', 'words'),
    [
        ({'data': np.zeros((2, 8, 4)), 'label': np.zeros(2)}, r"'data' \(n, 2048, 3\)"),
        ({'data': np.zeros((2, 8, 3)), 'label': np.zeros(3)}, r"'label' \(n,\)"),
        ({'data': np.zeros((2, 8, 3))}, r"holds \{'data': \(2, 8, 3\)\}"),
        ({'data': np.zeros((2, 8, 3)), 'label': np.array([0, 15])}, 'label 15 at 1'),
        ({'data': np.full((2, 8, 3), np.nan), 'label': np.zeros(2)}, 'cloud 0.*NaN'),
    ],
)
def test_other_content(scanobjectnn_root: Path, content: dict, words: str) -> None:
    path = scanobjectnn_root / 'main_split/test_objectdataset.h5'
    with h5py.File(path, 'w') as file:
        for key, value in content.items():
            file[key] = value
    with pytest.raises(DataError, match=rf'test_objectdataset\.h5.*{words}'):
        ScanObjectNN(str(scanobjectnn_root), split='test', variant='obj_bg')
