"""Few-shot classification on ModelNet40: the community's folds, and folds drawn here."""

from typing import Any

import numpy as np

from recon_mm.registry import DATASETS

from .base import ArrayDataset
from .checks import check_labels, check_points, check_root, scalar_labels
from .errors import DataError
from .modelnet import ModelNet
from .readers import read_pickle, reading


@DATASETS.register_module()
class ModelNetFewShot(ArrayDataset):
    """One fold of the community's few-shot pickles (Sharma and Kaul's protocol).

    ``way`` classes, ``shot`` training shapes of each and 20 test shapes of each. Samples have
    ``points``, float32 ``(N, 3)``; the classes are numbered within the fold.

    Args:
        data_root: The folder ``ModelNetFewshot``.
        way: Number of classes, 5 or 10 in the paper.
        shot: Training shapes of each class, 10 or 20 in the paper.
        fold: Which fold, 0 to 9.
        split: ``'train'`` or ``'test'``.
        **kwargs: Those of :class:`~recon_mm.datasets.base.PointCloudDataset`.
    """

    METAINFO = {'dataset': 'ModelNetFewShot'}
    LAYOUT = '  5way10shot/0.pkl ... 9.pkl  (or 5way_10shot/; and the same of 20shot and 10way)'

    def __init__(
        self, data_root: str, way: int, shot: int, fold: int, split: str = 'train', **kwargs: Any
    ) -> None:
        self.way, self.shot, self.fold = way, shot, fold
        super().__init__(data_root=data_root, split=split, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Reads the fold's pickle through the restricted unpickler."""
        spellings = [f'{self.way}way{sep}{self.shot}shot' for sep in ('_', '')]
        there = [name for name in spellings if (self.root / name).is_dir()]
        folder = self.root / (there or spellings)[0]
        check_root(folder, type(self).__name__, self.LAYOUT)
        path = folder / f'{self.fold}.pkl'
        content = read_pickle(path, f'fold {self.fold}', self.LAYOUT)
        records: Any = content.get(self.split) if isinstance(content, dict) else None
        is_list = isinstance(records, (list, tuple))
        if not is_list or not records or not all(map(_is_record, records)):
            raise DataError(
                f"'{path}' has no list of (points, label, name) under '{self.split}', expected a "
                f"dict of 'train' and 'test'. Is it a fold of ModelNetFewshot?"
            )
        with reading(path, f'fold {self.fold}', 'class indices'):
            labels = scalar_labels([record[1] for record in records])
        check_labels(labels, self.way, path)
        self.clouds = []
        for i, record in enumerate(records):
            cloud = check_points(record[0], f'{path}, {self.split} {i}', columns=(3, 6))
            self.clouds.append(cloud[:, :3])
        self._metainfo['classes'] = tuple(f'class {k}' for k in range(self.way))
        return [
            {
                'category': int(label),
                'sample_id': f'{self.split}_{i:04d}',
                'split': self.split,
                'cloud': i,
            }
            for i, label in enumerate(labels)
        ]


def _is_record(record: Any) -> bool:
    return isinstance(record, (list, tuple, np.ndarray)) and len(record) >= 2


@DATASETS.register_module()
class ModelNetFewShotDrawn(ModelNet):
    """One few-shot fold drawn from ModelNet40 itself, by a seed.

    As in the community's folds, the shots come from the training shapes and the queries from the
    test shapes of the same classes. The same arguments give the same fold on every machine.

    Args:
        data_root: The folder ``modelnet40_normal_resampled``.
        way: Number of classes.
        shot: Training shapes of each class.
        fold: Which fold.
        split: ``'train'`` (the shots) or ``'test'`` (the queries).
        queries: Test shapes of each class; all of a class that has fewer.
        seed: Another seed is another series of folds.
        **kwargs: Those of :class:`ModelNet`.

    Raises:
        DataError: If ModelNet40 has not ``way`` classes of ``shot`` training shapes.
    """

    def __init__(
        self,
        data_root: str,
        way: int,
        shot: int,
        fold: int,
        split: str = 'train',
        queries: int = 20,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        self.way, self.shot, self.fold = way, shot, fold
        self.queries, self.seed = queries, seed
        super().__init__(data_root=data_root, split=split, num_classes=40, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Draws the classes, of those with shapes enough, then the shapes of each."""
        opened = {split: self._open(split) for split in self.SPLITS}
        self.clouds, samples = opened[self.split]
        counts = {
            split: np.bincount(clouds.categories, minlength=len(self.classes))
            for split, (clouds, _) in opened.items()
        }
        usable = np.flatnonzero((counts['train'] >= self.shot) & (counts['test'] > 0))
        if len(usable) < self.way:
            raise DataError(
                f"'{self.root}' has {len(usable)} classes with {self.shot} training shapes and a "
                f'test shape, expected {self.way}. Ask for fewer ways or shots.'
            )
        key = [self.seed, self.way, self.shot, self.fold]
        chosen = np.random.default_rng(key).permutation(usable)[: self.way]
        # A stream of its own for each split: the shots do not depend on how many queries there are.
        rng = np.random.default_rng([*key, self.SPLITS.index(self.split)])
        wanted = self.shot if self.split == 'train' else self.queries
        drawn = []
        for label, category in enumerate(chosen):
            members = np.flatnonzero(self.clouds.categories == category)
            members = rng.permutation(members)[:wanted]
            drawn += [{**samples[i], 'category': label} for i in members]
        self._metainfo['classes'] = tuple(self.classes[category] for category in chosen)
        return drawn
