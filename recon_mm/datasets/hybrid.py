"""ReCon++'s Hybrid set: shapes of many sources with depth features, and those with labels."""

from pathlib import Path

import numpy as np

from recon_mm.registry import DATASETS

from .base import PointCloudDataset
from .checks import check_labels, check_name
from .errors import DataError
from .readers import read_lines, reading


def listed_files(path: Path, layout: str) -> list[Path]:
    """The relative paths that a list names, one a line, checked not to leave the folder."""
    lines = read_lines(path, 'a list of shapes', layout)
    return [Path(*(check_name(part, path) for part in line.split('/'))) for line in lines]


@DATASETS.register_module()
class Hybrid(PointCloudDataset):
    """Clouds of several sets, ``points_path`` and ``feature_path``; there are no classes.

    Args:
        data_root: The folder with ``pretrain`` and ``depth_feature``.
        split: ``'train'``.
        **kwargs: Those of :class:`PointCloudDataset`.
    """

    METAINFO = {'dataset': 'Hybrid'}
    SPLITS = ('train',)
    LAYOUT = (
        '  pretrain/train.txt          a point file a line (.npy, .npz, .h5, .txt), relative\n'
        '  depth_feature/<id>.pt       (10, 1280); id is the path, / as -, without its ending'
    )

    def load_data_list(self) -> list[dict]:
        """The shapes of the list."""
        samples = []
        for file in listed_files(self.root / 'pretrain/train.txt', self.LAYOUT):
            sample_id = '-'.join(file.with_suffix('').parts)
            samples.append(
                {
                    'points_path': str(self.root / file),
                    'feature_path': str(self.root / 'depth_feature' / f'{sample_id}.pt'),
                    'sample_id': sample_id,
                    'split': self.split,
                    'category': 0,
                }
            )
        return samples


@DATASETS.register_module()
class HybridLabeled(PointCloudDataset):
    """The shapes of Hybrid that have one of 87 classes, for supervised training afterward.

    Args:
        data_root: The folder with ``post_pretrain``.
        split: ``'train'``, ``'test'``, or ``'whole'``, both.
        num_classes: Number of classes.
        **kwargs: Those of :class:`PointCloudDataset`.
    """

    METAINFO = {'dataset': 'HybridLabeled'}
    SPLITS = ('train', 'test', 'whole')
    LAYOUT = (
        '  post_pretrain/{train,test}.txt      a point file a line, relative\n'
        '  post_pretrain/{train,test}_num.txt  the number of its class'
    )

    def __init__(
        self, data_root: str, split: str = 'train', num_classes: int = 87, **kwargs
    ) -> None:
        self.num_classes = num_classes
        super().__init__(data_root=data_root, split=split, **kwargs)

    def load_data_list(self) -> list[dict]:
        """The shapes of the lists."""
        self._metainfo['classes'] = tuple(f'class {k}' for k in range(self.num_classes))
        samples = []
        for split in ('test', 'train') if self.split == 'whole' else (self.split,):
            path = self.root / f'post_pretrain/{split}.txt'
            files = listed_files(path, self.LAYOUT)
            numbers = self.root / f'post_pretrain/{split}_num.txt'
            lines = read_lines(numbers, 'the numbers of classes', self.LAYOUT)
            with reading(numbers, 'the numbers of classes', 'a whole number a line'):
                labels = np.array([int(line) for line in lines])
            check_labels(labels, self.num_classes, numbers)
            if len(labels) != len(files):
                raise DataError(
                    f"'{numbers}' has {len(labels)} lines and '{path}' {len(files)}, expected as "
                    f'many. Copy both again.'
                )
            samples += [
                {
                    'points_path': str(self.root / file),
                    'category': int(label),
                    'sample_id': '-'.join(file.with_suffix('').parts),
                    'split': split,
                }
                for file, label in zip(files, labels)
            ]
        return samples
