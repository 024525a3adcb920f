"""Hybrid's lists, its point files of four kinds, and its features."""

import numpy as np
import pytest
import torch

from recon_mm.datasets import DataError, Hybrid, HybridLabeled
from recon_mm.datasets.transforms import LoadDepthFeatures, LoadPoints


def test_pretraining_set(demo_data) -> None:
    root = demo_data / 'Hybrid'
    steps = [LoadPoints(), LoadDepthFeatures()]
    dataset = Hybrid(str(root), pipeline=steps)
    kinds = set()
    for i in range(len(dataset)):
        sample = dataset[i]
        kinds.add(sample['points_path'].rpartition('.')[2])
        assert sample['points'].shape == (2048, 3) and sample['points'].dtype == np.float32
        assert sample['image_features'].shape == (10, 1280)
        mean = sample['image_features'].mean(0)
        np.testing.assert_allclose(sample['text_features'], mean[None], rtol=1e-5)
    assert kinds == {'npy', 'npz', 'h5', 'txt'}
    one = LoadDepthFeatures(image_rows=1).transform(dict(dataset.get_data_info(0)))
    assert one['image_features'].shape == (1, 1280)


def test_labeled_set(demo_data) -> None:
    root = str(demo_data / 'Hybrid')
    train, test, whole = (HybridLabeled(root, split) for split in ('train', 'test', 'whole'))
    assert len(whole) == len(train) + len(test)
    assert whole[0]['split'] == 'test' and whole[len(test)]['sample_id'] == train[0]['sample_id']
    assert len(train.metainfo['classes']) == 87
    assert [train[i]['category'] for i in range(len(train))] == list(range(6))


def labeled(tmp_path, names: str, numbers: str) -> None:
    (tmp_path / 'post_pretrain').mkdir(exist_ok=True)
    (tmp_path / 'post_pretrain/train.txt').write_text(names)
    (tmp_path / 'post_pretrain/train_num.txt').write_text(numbers)
    HybridLabeled(str(tmp_path)).full_init()


def test_wrong_lists_are_named(tmp_path) -> None:
    labeled(tmp_path, 'a/b.npy\nc.npy', '0\n86')
    for names, numbers, message in (
        ('a.npy\nb.npy', '1', '1 lines'),
        ('a.npy', '87', '87'),
        ('a.npy', 'chair', 'whole number'),
        ('../a.npy', '1', r"'\.\.'"),
        ('/etc/passwd', '1', 'train.txt'),
    ):
        with pytest.raises(DataError, match=message):
            labeled(tmp_path, names, numbers)


@pytest.mark.parametrize(
    'content', [torch.zeros(10, 7), torch.full((10, 1280), float('nan')), {'a': 1}, b'damaged']
)
def test_wrong_features_are_named(tmp_path, content) -> None:
    path = tmp_path / 'f.pt'
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(DataError, match=r'f\.pt'):
        LoadDepthFeatures().transform({'feature_path': str(path)})


@pytest.mark.parametrize('name', ['a.npz', 'a.h5', 'a.txt', 'a.ply'])
def test_wrong_clouds_are_named(tmp_path, name) -> None:
    (tmp_path / name).write_bytes(b'nonsense')
    with pytest.raises(DataError, match=name.replace('.', r'\.')):
        LoadPoints().transform({'points_path': str(tmp_path / name)})
