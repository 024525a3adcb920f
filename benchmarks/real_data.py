"""Real shapes in the layouts that the project reads.

The folder of data has ``modelnet40_1024.npz`` (``{train,test}_points`` ``(N, 1024, 3)``, z up,
``{train,test}_labels``, ``classes``), ``shapes/<category>/*.obj`` and ``clip_vitb32_text.npz``
(``<set>_classes``, ``<set>_text`` ``(classes, 512)`` of length 1).
"""

import pickle
from pathlib import Path

import numpy as np

from demo.layouts.modelnet import FOLDER
from recon_mm.datasets import ModelNet
from recon_mm.utils.files import write_file

TEXT_LENGTH = 10.0  # about the length of CLIP's features before they are normalized
TEXT_WIDTH = 512
VALIDATION = 0.1  # the part of ModelNet40's training split on which settings are chosen


def write_modelnet40(source: Path, root: Path, validation: bool) -> None:
    """Writes ModelNet40 as the community's pickles, y up.

    Args:
        source: ``modelnet40_1024.npz``.
        root: The root of data sets to write to.
        validation: Whether a tenth of the training split takes the place of the test split.
    """
    folder = root / FOLDER
    if (folder / 'modelnet40_test_8192pts_fps.dat').exists():
        return
    with np.load(source, allow_pickle=False) as arrays:
        points = {split: y_up(arrays[f'{split}_points']) for split in ('train', 'test')}
        labels = {split: arrays[f'{split}_labels'].astype(np.int64) for split in points}
        classes = arrays['classes']
    if validation:
        order = np.random.default_rng(0).permutation(len(labels['train']))
        parts = np.split(order, [round(VALIDATION * len(order))])
        for values in (points, labels):
            values['test'], values['train'] = (values['train'][part] for part in parts)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'modelnet40_shape_names.txt').write_text('\n'.join(classes.tolist()) + '\n')
    for split in points:
        content = [list(points[split]), list(labels[split][:, None])]
        write_file(folder / f'modelnet40_{split}_8192pts_fps.dat', pickle.dumps(content))


def write_clouds(modelnet: Path, folder: Path) -> None:
    """Writes ModelNet40's training clouds as files that say nothing but their points."""
    folder.mkdir(parents=True, exist_ok=True)
    dataset = ModelNet(data_root=str(modelnet), split='train', test_mode=True)
    for i in range(len(dataset)):
        np.save(folder / f'{i:05}.npy', dataset[i]['points'])


def y_up(points: np.ndarray) -> np.ndarray:
    """``(..., 3)`` float32 with y up, of points with z up."""
    x, y, z = np.moveaxis(points.astype(np.float32), -1, 0)
    return np.stack([x, z, -y], axis=-1)


def text_features(source: Path, name: str) -> tuple[list[str], np.ndarray]:
    """Class names of a set, and CLIP's text features of them, float32 ``(classes, 512)``."""
    with np.load(source, allow_pickle=False) as arrays:
        return arrays[f'{name}_classes'].tolist(), arrays[f'{name}_text'].astype(np.float32)
