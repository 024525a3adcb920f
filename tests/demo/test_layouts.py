"""Layouts: the files, shapes, dtypes and labels of the real sets."""

import json
import pickle

import numpy as np
import pytest

from demo import LAYOUTS, Counts, make_demo_data
from demo.layouts import fewshot, s3dis, shapenet55
from demo.layouts.modelnet import MAKEABLE
from demo.taxonomy import MODELNET10, MODELNET40, SHAPENET_PART

pytest.importorskip('trimesh')
h5py = pytest.importorskip('h5py')
image_io = pytest.importorskip('PIL.Image')


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    sets = ('shapenet55', 'scanobjectnn', 'modelnet', 'shapenetpart')
    return make_demo_data(tmp_path_factory.mktemp('demo'), sets, counts=Counts(1, 1))


def read_lines(path):
    return path.read_text().splitlines()


def test_folders_are_those_of_the_real_sets():
    assert {name: layout.FOLDER for name, layout in LAYOUTS.items()} == {
        'shapenet55': 'ShapeNet55-34',
        'scanobjectnn': 'ScanObjectNN',
        'modelnet': 'modelnet40_normal_resampled',
        'fewshot': 'ModelNetFewshot',
        'shapenetpart': 'shapenetcore_partanno_segmentation_benchmark_v0_normal',
        's3dis': 's3dis',
        'openshape': 'OpenShape',
        'hybrid': 'Hybrid',
    }


def test_shapenet55(folders):
    root = folders['shapenet55']
    train, test = (read_lines(root / 'ShapeNet-55' / f'{s}.txt') for s in ('train', 'test'))
    assert len(train) == len(test) == len(shapenet55.MAKEABLE) == 27
    assert not set(train) & set(test)
    records = json.loads((root / 'shapenet55.json').read_text())
    assert len(records) == 55
    catalogue = {record['catalogue']: record['describe'] for record in records}
    assert catalogue['2691156'] == 'airplane'
    for name in train + test:
        synset, model = name.removesuffix('.npy').split('-')
        assert synset[1:] in catalogue and len(model) == 32
        points = np.load(root / 'shapenet_pc' / name)
        assert points.shape == (8192, 3) and points.dtype == np.float32
        assert 0.8 < np.linalg.norm(points, axis=1).max() < 1.2
        with image_io.open(root / 'shapenet_img' / name.replace('.npy', '.png')) as image:
            assert (image.mode, image.size) == ('RGB', (224, 224))


def test_scanobjectnn(folders):
    clouds = {}
    for split in ('training', 'test'):
        for file in (
            f'main_split/{split}_objectdataset.h5',
            f'main_split_nobg/{split}_objectdataset.h5',
            f'main_split/{split}_objectdataset_augmentedrot_scale75.h5',
        ):
            with h5py.File(folders['scanobjectnn'] / file) as content:
                clouds[file] = content['data'][:]
                np.testing.assert_array_equal(content['label'][:], np.arange(15))
            assert clouds[file].shape == (15, 2048, 3) and clouds[file].dtype == np.float32
            np.testing.assert_allclose(np.linalg.norm(clouds[file], axis=2).max(1), 1, rtol=1e-5)
    first, *others = clouds.values()
    assert all((first != other).any() for other in others)


def test_modelnet(folders):
    root = folders['modelnet']
    assert tuple(read_lines(root / 'modelnet40_shape_names.txt')) == MODELNET40
    assert tuple(read_lines(root / 'modelnet10_shape_names.txt')) == MODELNET10
    assert len(MAKEABLE) >= 20 and set(MODELNET10) <= set(MAKEABLE)
    train, test = (read_lines(root / f'modelnet40_{split}.txt') for split in ('train', 'test'))
    assert [stem.rpartition('_')[0] for stem in train] == list(MAKEABLE)
    assert not set(train) & set(test)
    ten = read_lines(root / 'modelnet10_test.txt')
    assert [stem.rpartition('_')[0] for stem in ten] == list(MODELNET10)
    for stem in (train[0], test[-1]):
        rows = np.loadtxt(root / stem.rpartition('_')[0] / f'{stem}.txt', delimiter=',')
        assert rows.shape == (8192, 6)
        np.testing.assert_allclose(np.linalg.norm(rows[:, 3:], axis=1), 1, atol=0.02)


def test_shapenetpart(folders):
    root = folders['shapenetpart']
    categories = [line.split('\t') for line in read_lines(root / 'synsetoffset2category.txt')]
    assert dict(categories) == {name: synset for name, (synset, _) in SHAPENET_PART.items()}
    ends = [*(first for _, first in SHAPENET_PART.values()), 50][1:]
    bounds = {synset: (first, end) for (synset, first), end in zip(SHAPENET_PART.values(), ends)}
    seen = set()
    for split in ('train', 'val', 'test'):
        entries = json.loads(
            (root / 'train_test_split' / f'shuffled_{split}_file_list.json').read_text()
        )
        assert len(entries) == 16
        for entry in entries:
            top, synset, model = entry.split('/')
            assert top == 'shape_data'
            rows = np.loadtxt(root / synset / f'{model}.txt')
            assert rows.shape == (2500, 7)
            first, end = bounds[synset]
            assert rows[:, 6].min() >= first and rows[:, 6].max() < end
            seen |= set(rows[:, 6].astype(int))
    assert len(seen) > 40


def test_fewshot_fold(monkeypatch, tmp_path):
    monkeypatch.setattr(fewshot, 'MAKEABLE', fewshot.MAKEABLE[:10])
    make_demo_data(tmp_path, ['fewshot'], counts=Counts(2, 1))  # 20 are needed, and made
    for way, shot in ((5, 10), (5, 20), (10, 10), (10, 20)):
        path = tmp_path / 'ModelNetFewshot' / f'{way}way_{shot}shot' / '0.pkl'
        fold = pickle.loads(path.read_bytes())
        assert (len(fold['train']), len(fold['test'])) == (way * shot, way)
        points, _, name = fold['train'][0]
        assert points.shape == (1280, 6) and points.dtype == np.float32 and isinstance(name, str)
        labels = [label for _, label, _ in fold['train']]
        np.testing.assert_array_equal(np.bincount(labels), np.full(way, shot))


def test_s3dis(tmp_path, monkeypatch):
    monkeypatch.setattr(s3dis, 'NUM_POINTS', 6000)
    root = make_demo_data(tmp_path, ['s3dis'])['s3dis']
    seen = set()
    for area in range(1, 7):
        infos = pickle.loads((root / f's3dis_infos_Area_{area}.pkl').read_bytes())
        assert infos['metainfo'] == {'DATASET': 'S3DIS'}
        for info in infos['data_list']:
            assert info['lidar_points']['num_pts_feats'] == 6
            points = np.fromfile(root / 'points' / info['lidar_points']['lidar_path'], np.float32)
            points = points.reshape(-1, 6)
            semantic = np.fromfile(root / 'semantic_mask' / info['pts_semantic_mask_path'], int)
            assert len(points) == len(semantic) == 6000
            assert points[:, 3:].min() >= 0 and points[:, 3:].max() <= 255
            # z is up: the ceiling is above the floor
            assert points[semantic == 0, 2].min() > points[semantic == 1, 2].max() + 2
            seen |= set(semantic.tolist())
    assert seen == set(range(13))
