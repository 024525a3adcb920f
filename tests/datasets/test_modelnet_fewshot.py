import pickle
from pathlib import Path

import numpy as np
import pytest

from recon_mm.datasets import DataError, ModelNet, ModelNetFewShot, ModelNetFewShotDrawn


def write_fold(folder: Path, rng: np.random.Generator, way: int = 2) -> dict:
    fold = {
        split: [
            (rng.normal(size=(32, 6)).astype(np.float32), np.array([i % way]), f'shape{i}')
            for i in range(count)
        ]
        for split, count in (('train', 4), ('test', 6))
    }
    folder.mkdir(parents=True)
    (folder / '3.pkl').write_bytes(pickle.dumps(fold))
    return fold


@pytest.mark.parametrize('folder', ['2way_2shot', '2way2shot'])
def test_both_spellings(tmp_path: Path, rng: np.random.Generator, folder: str) -> None:
    fold = write_fold(tmp_path / folder, rng)
    for split in ('train', 'test'):
        dataset = ModelNetFewShot(str(tmp_path), way=2, shot=2, fold=3, split=split)
        assert len(dataset) == len(fold[split])
        info = dataset.get_data_info(3)
        np.testing.assert_array_equal(info['points'], fold[split][3][0][:, :3])
        assert info['category'] == 1
        assert len(dataset.metainfo['classes']) == 2


def test_missing_fold_and_setting(tmp_path: Path, rng: np.random.Generator) -> None:
    write_fold(tmp_path / '2way2shot', rng)
    with pytest.raises(DataError, match=r'2way2shot/4\.pkl'):
        ModelNetFewShot(str(tmp_path), way=2, shot=2, fold=4)
    with pytest.raises(DataError, match='5way_10shot'):
        ModelNetFewShot(str(tmp_path), way=5, shot=10, fold=0)


def test_other_content(tmp_path: Path, rng: np.random.Generator) -> None:
    write_fold(tmp_path / '1way2shot', rng, way=2)
    with pytest.raises(DataError, match=r'3\.pkl.*label 1 '):
        ModelNetFewShot(str(tmp_path), way=1, shot=2, fold=3)
    for content in ([1, 2], {'test': []}, {'train': []}, {'train': [5]}, {'train': [(1,)]}):
        (tmp_path / '1way2shot' / '3.pkl').write_bytes(pickle.dumps(content))
        with pytest.raises(DataError, match=r"3\.pkl.*'train'"):
            ModelNetFewShot(str(tmp_path), way=1, shot=2, fold=3)


def drawn(root: Path, **kwargs) -> ModelNetFewShotDrawn:
    return ModelNetFewShotDrawn(str(root), **{'way': 2, 'shot': 1, 'fold': 0, **kwargs})


def ids(dataset: ModelNetFewShotDrawn) -> list[str]:
    return [dataset.get_data_info(i)['sample_id'] for i in range(len(dataset))]


def test_drawn_folds(modelnet_root: Path) -> None:
    train, test = drawn(modelnet_root), drawn(modelnet_root, split='test')
    classes = train.metainfo['classes']
    assert classes == test.metainfo['classes']
    for dataset in (train, test):
        assert len(dataset) == 2
        for i in range(2):
            info = dataset.get_data_info(i)
            assert info['sample_id'].startswith(classes[info['category']])
            assert info['points'].shape == (40, 3)
    assert not set(ids(train)) & set(ids(test))
    assert ids(train) == ids(drawn(modelnet_root))
    series = {tuple(ids(drawn(modelnet_root, fold=fold))) for fold in range(4)}
    assert len(series) > 1
    assert series != {tuple(ids(drawn(modelnet_root, fold=f, seed=1))) for f in range(4)}


def test_drawn_points_are_those_of_the_shape(modelnet_root: Path) -> None:
    whole = ModelNet(str(modelnet_root))
    by_id = {
        info['sample_id']: info['points']
        for info in (whole.get_data_info(i) for i in range(len(whole)))
    }
    dataset = drawn(modelnet_root, shot=2)
    for i in range(4):
        info = dataset.get_data_info(i)
        np.testing.assert_array_equal(info['points'], by_id[info['sample_id']])


def test_more_shots_or_ways_than_there_are(modelnet_root: Path) -> None:
    with pytest.raises(DataError, match='0 classes with 3 training shapes'):
        drawn(modelnet_root, shot=3)
    with pytest.raises(DataError, match=r'3 classes with 1 training shapes .* expected 4'):
        drawn(modelnet_root, way=4)


def test_classes_without_shapes_are_passed_over(modelnet_root: Path) -> None:
    names = modelnet_root / 'modelnet40_shape_names.txt'
    names.write_text('spoon\n' + names.read_text() + 'fork\n')
    for fold in range(4):
        assert not {'spoon', 'fork'} & set(drawn(modelnet_root, fold=fold).metainfo['classes'])
