"""Generated clouds, images and teacher features in the files that pretraining reads."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.dataset import default_collate
from torch.utils.data import DataLoader

from recon_mm.datasets.storage import FEATURES, ArraySpec, Header, resume_store
from recon_mm.registry import DATASETS

CATEGORIES = {2691156: 'airplane', 3001627: 'chair', 3636649: 'lamp', 4379243: 'table'}
NUM_POINTS = 8192


def write_files(root: Path, num_samples: int, feature_dims: int, with_images: bool = True) -> None:
    """Writes ``num_samples`` shapes in ShapeNet55's layout, and their stored features."""
    rng = np.random.default_rng(0)
    folder = root / 'ShapeNet55-34'
    for name in ('shapenet_pc', 'shapenet_img', 'ShapeNet-55'):
        (folder / name).mkdir(parents=True)
    synsets = [f'{number:08d}' for number in CATEGORIES]
    stems = [f'{synsets[i % len(synsets)]}-{i:06d}' for i in range(num_samples)]
    for stem in stems:
        direction = rng.standard_normal((NUM_POINTS, 3), np.float32)
        cloud = direction / np.linalg.norm(direction, axis=1, keepdims=True)
        np.save(folder / 'shapenet_pc' / f'{stem}.npy', (cloud * rng.random(3)).astype(np.float32))
        if not with_images:
            continue
        image = np.full((224, 224, 3), 255, np.uint8)
        for _ in range(30):
            corners = rng.integers(40, 184, (4, 2), dtype=np.int32)
            cv2.fillConvexPoly(image, cv2.convexHull(corners), rng.integers(256, size=3).tolist())
        cv2.imwrite(str(folder / 'shapenet_img' / f'{stem}.png'), image)
    (folder / 'ShapeNet-55' / 'train.txt').write_text('\n'.join(f'{s}.npy' for s in stems))
    records = [{'catalogue': number, 'describe': name} for number, name in CATEGORIES.items()]
    (folder / 'shapenet55.json').write_text(json.dumps(records))

    arrays = {'features': ArraySpec((num_samples, 4, feature_dims), 'float16')}
    header = Header(FEATURES.name, arrays, {}, stems)
    with resume_store(folder / 'teacher_features', FEATURES, header, 2) as writer:
        features = rng.normal(size=(4 * num_samples, feature_dims))
        writer.write(np.divmod(np.arange(4 * num_samples), 4), features)


def build_loader(cfg: Config, root: Path, batch_size: int) -> DataLoader:
    """The loader of a pretraining config on these files, in this process."""
    dataset: Any = cfg.train_dataloader.dataset
    dataset.update(data_root=str(root / 'ShapeNet55-34'), ann_files=('train.txt',))
    for transform in dataset.pipeline:
        if transform['type'] == 'LoadTeacherFeatures':
            transform.update(path=str(root / 'ShapeNet55-34' / 'teacher_features'), expect=None)
    return DataLoader(
        DATASETS.build(dataset), batch_size, shuffle=True, collate_fn=default_collate, num_workers=0
    )
