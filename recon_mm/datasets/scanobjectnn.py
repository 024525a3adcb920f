"""ScanObjectNN: real scans of objects, in the three variants the paper reports."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.registry import DATASETS
from recon_mm.utils import require

from .base import ArrayDataset
from .checks import check_file, check_labels, check_points
from .errors import DataError
from .parsed import open_parsed
from .readers import h5_array, reading

FILES = {
    'obj_bg': 'main_split/{}_objectdataset.h5',
    'obj_only': 'main_split_nobg/{}_objectdataset.h5',
    'pb_t50_rs': 'main_split/{}_objectdataset_augmentedrot_scale75.h5',
}
KEYS = ('data', 'label')
SPLIT_NAMES = {'train': 'training', 'test': 'test'}


@DATASETS.register_module()
class ScanObjectNN(ArrayDataset):
    """ScanObjectNN (15 classes, 2048 points per cloud).

    Samples have ``points``, float32 ``(2048, 3)``, as they are in the file: the authors do not
    normalize this set.

    Args:
        data_root: The folder that holds ``main_split`` and ``main_split_nobg``.
        split: ``'train'`` or ``'test'``.
        variant: ``'obj_bg'`` (object and background), ``'obj_only'``, or ``'pb_t50_rs'``
            (perturbed boxes, the hardest).
        cache_dir: Where the memory-mapped form is kept, if not in ``.recon_cache`` in
            ``data_root``.
        **kwargs: Those of :class:`~recon_mm.datasets.base.PointCloudDataset`.
    """

    METAINFO = {
        'dataset': 'ScanObjectNN',
        'classes': (
            'bag', 'bin', 'box', 'cabinet', 'chair', 'desk', 'display', 'door', 'shelf', 'table',
            'bed', 'pillow', 'sink', 'sofa', 'toilet',
        ),
    }  # fmt: skip
    LAYOUT = '\n'.join(
        f'  {path.format("{training,test}")}  ({variant})' for variant, path in FILES.items()
    )

    def __init__(
        self,
        data_root: str,
        split: str = 'train',
        variant: str = 'pb_t50_rs',
        cache_dir: str | None = None,
        **kwargs: Any,
    ) -> None:
        if variant not in FILES:
            raise ValueError(f'ScanObjectNN: variant {variant!r}, expected one of {list(FILES)}')
        self.variant = variant
        self.cache_dir = cache_dir
        super().__init__(data_root=data_root, split=split, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Opens the memory-mapped form and lists its clouds."""
        path = self.root / FILES[self.variant].format(SPLIT_NAMES[self.split])
        check_file(path, f'{self.variant}, {self.split}', self.LAYOUT)
        num_classes = len(self.metainfo['classes'])
        self.clouds = open_parsed(
            self.root,
            f'scanobjectnn-{self.variant}-{self.split}',
            [path],
            lambda file: read_h5(file, num_classes),
            cache_dir=self.cache_dir,
        )
        return [
            {
                'category': int(category),
                'sample_id': f'{path.stem}_{i:05d}',
                'split': self.split,
                'cloud': i,
            }
            for i, category in enumerate(self.clouds.categories)
        ]


def read_h5(path: Path, num_classes: int) -> Iterator[tuple[np.ndarray, int]]:
    """The clouds ``(N, 3)`` and labels of an HDF5 file with ``data`` and ``label``.

    Raises:
        DataError: If the file cannot be read, lacks a key, has other shapes or leads to other
            files.
    """
    h5py = require('h5py', 'data')
    with reading(path, 'clouds', 'a complete HDF5 file'), h5py.File(path, 'r') as file:
        data: Any
        links = {key: file.get(key, getlink=True) for key in KEYS}
        arrays = {key: h5_array(path, file, key, link) for key, link in links.items() if link}
        shapes = {key: array.shape for key, array in arrays.items()}
        data, labels = (arrays[key][()] if key in arrays else np.empty(0) for key in KEYS)
    labels = labels.reshape(-1)
    if data.ndim != 3 or data.shape[2] != 3 or len(data) != len(labels):
        raise DataError(
            f"'{path}' holds {shapes}, expected 'data' (n, 2048, 3) and 'label' (n,). Is it a file "
            f'of ScanObjectNN?'
        )
    check_labels(labels, num_classes, path)
    for i, (points, label) in enumerate(zip(data, labels)):
        yield check_points(points, f'{path}, cloud {i}'), int(label)
