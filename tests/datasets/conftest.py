"""Tiny data sets in the layouts of the real ones."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

SYNSETS = {'02691156': 'airplane', '03001627': 'chair', '04379243': 'table'}


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def shapenet_root(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Two training shapes and one test shape of each of three synsets, 128 points."""
    import cv2

    root = tmp_path / 'ShapeNet55-34'
    for folder in ('shapenet_pc', 'shapenet_img', 'ShapeNet-55'):
        (root / folder).mkdir(parents=True)
    lists: dict[str, list[str]] = {'train': [], 'test': []}
    for synset in SYNSETS:
        for i, split in enumerate(('train', 'train', 'test')):
            stem = f'{synset}-{i:032x}'
            points = rng.uniform(-2, 2, (128, 3)).astype(np.float32)
            np.save(root / 'shapenet_pc' / f'{stem}.npy', points)
            image = np.full((32, 48, 3), (10, 20, 30), np.uint8)  # blue 10, green 20, red 30
            cv2.imwrite(str(root / 'shapenet_img' / f'{stem}.png'), image)
            lists[split].append(f'{stem}.npy')
    for split, names in lists.items():
        (root / 'ShapeNet-55' / f'{split}.txt').write_text('\n'.join(names) + '\n')
    records = [
        {'catalogue': int(synset), 'describe': name} for synset, name in reversed(SYNSETS.items())
    ]
    (root / 'shapenet55.json').write_text(json.dumps(records))
    return root


CLASSES = ('airplane', 'bathtub', 'night_stand')


@pytest.fixture
def modelnet_root(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Two training shapes and one test shape of each of three classes, 40 points with normals."""
    root = tmp_path / 'modelnet40_normal_resampled'
    root.mkdir()
    (root / 'modelnet40_shape_names.txt').write_text('\n'.join(CLASSES) + '\n')
    lists: dict[str, list[str]] = {'train': [], 'test': []}
    for name in CLASSES:
        (root / name).mkdir()
        for i, split in enumerate(('train', 'train', 'test'), start=1):
            table = rng.uniform(-1, 1, (40, 6))
            np.savetxt(root / name / f'{name}_{i:04d}.txt', table, delimiter=',', fmt='%.6f')
            lists[split].append(f'{name}_{i:04d}')
    for split, names in lists.items():
        (root / f'modelnet40_{split}.txt').write_text('\n'.join(names) + '\n')
    return root


@pytest.fixture
def scanobjectnn_root(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Three clouds of 64 points in each of the six files."""
    import h5py

    root = tmp_path / 'ScanObjectNN'
    for i, name in enumerate(
        f'{folder}/{split}_objectdataset{suffix}.h5'
        for folder, suffix in [
            ('main_split', ''),
            ('main_split_nobg', ''),
            ('main_split', '_augmentedrot_scale75'),
        ]
        for split in ('training', 'test')
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(root / name, 'w') as file:
            file['data'] = rng.uniform(-1, 1, (3, 64, 3)).astype(np.float32) + 10 * i
            file['label'] = np.array([0, 14, i], dtype=np.int32)
    return root


@pytest.fixture
def shapenet_part_root(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Airplanes and bags of 30 and 20 points: two for training, one each for val and test."""
    root = tmp_path / 'shapenetcore_partanno_segmentation_benchmark_v0_normal'
    (root / 'train_test_split').mkdir(parents=True)
    (root / 'synsetoffset2category.txt').write_text('Airplane\t02691156\nBag\t02773838\n')
    lists: dict[str, list[str]] = {'train': [], 'val': [], 'test': []}
    for synset, first, count, points in [('02691156', 0, 4, 30), ('02773838', 4, 2, 20)]:
        (root / synset).mkdir()
        for i, split in enumerate(('train', 'train', 'val', 'test')):
            parts = first + np.arange(points) % count
            table = np.column_stack([rng.uniform(-1, 1, (points, 6)), parts])
            np.savetxt(root / synset / f'shape{i}.txt', table, fmt='%.6f')
            lists[split].append(f'shape_data/{synset}/shape{i}')
    for split, names in lists.items():
        path = root / 'train_test_split' / f'shuffled_{split}_file_list.json'
        path.write_text(json.dumps(names))
    return root


@pytest.fixture
def s3dis_root(tmp_path: Path, rng: np.random.Generator) -> Path:
    """A room of 2.2 x 1 x 3 meters and 700 points in each of six areas, not at the origin."""
    root = tmp_path / 's3dis'
    for folder in ('points', 'semantic_mask'):
        (root / folder).mkdir(parents=True)
    for area in range(1, 7):
        name = f'Area_{area}_office_1.bin'
        xyz = rng.uniform(0, 1, (700, 3)) * (2.2, 1, 3) + (5, -3, 1)
        room = np.column_stack([xyz, rng.integers(0, 256, (700, 3))]).astype(np.float32)
        room.tofile(root / 'points' / name)
        rng.integers(0, 13, 700).tofile(root / 'semantic_mask' / name)
        info = {
            'lidar_points': {'num_pts_feats': 6, 'lidar_path': name},
            'pts_semantic_mask_path': name,
        }
        content = {'metainfo': {'DATASET': 'S3DIS'}, 'data_list': [info]}
        (root / f's3dis_infos_Area_{area}.pkl').write_bytes(pickle.dumps(content))
    return root
