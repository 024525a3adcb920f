"""Tiny data sets in the layouts of the real ones."""

import json
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
