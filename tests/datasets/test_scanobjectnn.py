from pathlib import Path

import h5py
import numpy as np
import pytest

from recon_mm.datasets import DataError, ScanObjectNN
from recon_mm.datasets.scanobjectnn import read_h5


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


def refused(path: Path, words: str) -> None:
    with pytest.raises(DataError, match=rf'{path.name}.*{words}'):
        list(read_h5(path, 15))


def test_links_to_other_files_are_not_followed(tmp_path: Path) -> None:
    secret, path = tmp_path / 'secret.h5', tmp_path / 'a.h5'
    good = {'data': np.random.default_rng(0).normal(size=(2, 8, 3)), 'label': np.zeros(2, int)}
    with h5py.File(secret, 'w') as file:
        for key, value in good.items():
            file[key] = value
    good['data'].tofile(tmp_path / 'secret.bin')
    layout = h5py.VirtualLayout((2, 8, 3), float)
    layout[:] = h5py.VirtualSource(str(secret), 'data', (2, 8, 3))
    for link, words in [
        (h5py.ExternalLink('secret.h5', 'data'), "'data' as ExternalLink, expected numbers"),
        (h5py.ExternalLink('/dev/zero', 'data'), "'data' as ExternalLink, expected numbers"),
        (h5py.SoftLink('/label'), "'data' as SoftLink, expected numbers"),
        (h5py.SoftLink('/data'), "'data' as SoftLink, expected numbers"),
        (None, "'data' as a group or as numbers of other files"),
        (layout, "'data' as a group or as numbers of other files"),
        ([('secret.bin', 0, 2 * 8 * 3 * 8)], "'data' as a group or as numbers of other files"),
    ]:
        with h5py.File(path, 'w') as file:
            file['label'] = good['label']
            if link is None:
                file.create_group('data')
            elif link is layout:
                file.create_virtual_dataset('data', layout)
            elif isinstance(link, list):
                file.create_dataset('data', (2, 8, 3), float, external=link)
            else:
                file['data'] = link
        refused(path, words)


def test_sizes_and_types_are_checked_before_anything_is_read(tmp_path: Path) -> None:
    path = tmp_path / 'a.h5'
    for shape, kind, words in [
        ((10**9, 2048, 3), 'f4', r"'data' as float32 \(1000000000, 2048, 3\) in a file of"),
        ((2, 8, 3), h5py.string_dtype(), "'data' as object"),
    ]:
        with h5py.File(path, 'w') as file:
            file.create_dataset('data', shape, kind, chunks=(1, 8, 3))
            file['label'] = np.zeros(2)
        refused(path, words)
    with h5py.File(path, 'w') as file:
        file['data'], file['label'] = np.ones((2, 8, 3)), [0.0, np.nan]
    refused(path, 'label nan at 1')
    with h5py.File(path, 'w') as file:
        file['data'], file['label'] = np.ones((2, 8, 3)), [0, 1]
    refused(path, 'cloud 0.* of which 1 differ')
