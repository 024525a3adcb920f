"""OpenShape's data in its own layout: the pretraining set, and its zero-shot tests."""

from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.registry import DATASETS

from .base import PointCloudDataset
from .checks import check_labels, check_name
from .errors import DataError
from .readers import read_json, read_npy, read_npy_objects, reading
from .scanobjectnn import ScanObjectNN
from .transforms.openshape import as_openshape_writes, colored_points

SHAPES = 'objaverse-processed/merged_for_training_final'
LVIS_PREFIX = '/mnt/data/'  # of the paths in the authors' list
LVIS_CLASSES = 1156


@DATASETS.register_module()
class OpenShape(PointCloudDataset):
    """The shapes that OpenShape is trained on (Objaverse, ABO, 3D-FUTURE, ShapeNet).

    A sample has the path of its shape, which ``LoadOpenShape`` reads. There are no classes.

    Args:
        data_root: The folder with ``meta_data`` and ``objaverse-processed``.
        split: ``'train'``: the list ``train_all.json``.
        **kwargs: Those of :class:`PointCloudDataset`.
    """

    METAINFO = {'dataset': 'OpenShape'}
    SPLITS = ('train',)
    LAYOUT = (
        '  meta_data/split/train_all.json    records of dataset, group and id\n'
        '  meta_data/gpt4_filtering.json     {id: {flag}}, which titles are useless\n'
        f'  {SHAPES}/<dataset>/<group>/<id>.npy'
    )

    def load_data_list(self) -> list[dict]:
        """The shapes of the list."""
        path = self.root / 'meta_data/split/train_all.json'
        records = read_json(path, 'the list of shapes', self.LAYOUT)
        filtering = self.root / 'meta_data/gpt4_filtering.json'
        flags = read_json(filtering, 'which titles are useless', self.LAYOUT)
        samples = []
        with reading(path, 'the list of shapes', 'records of dataset, group and id'):
            for record in records:
                parts = [check_name(record[key], path) for key in ('dataset', 'group', 'id')]
                samples.append(
                    {
                        'points_path': str(self.root / SHAPES / Path(*parts)) + '.npy',
                        'dataset': parts[0],
                        'flag': flags.get(parts[2], {}).get('flag'),
                        'sample_id': parts[2],
                        'split': self.split,
                        'category': 0,
                    }
                )
        return samples


@DATASETS.register_module()
class OpenShapeZeroShot(PointCloudDataset):
    """A zero-shot test in OpenShape's layout: colored clouds, and stored features of the classes.

    Samples have ``points`` float32 ``(N, 6)``.
    ``metainfo['class_features']`` float32 ``(classes, D)`` is what ``ZeroShotAccuracy`` compares.

    Args:
        data_root: The folder with ``meta_data``.
        benchmark: ``'modelnet40'``, ``'lvis'`` (Objaverse) or ``'scanobjectnn'``.
        **kwargs: Those of :class:`PointCloudDataset`.
    """

    METAINFO = {'dataset': 'OpenShapeZeroShot'}
    SPLITS = ('test',)
    LAYOUT = (
        '  meta_data/modelnet40/      test_split.json, test_pc.npy, cat_name_pt_feat.npy\n'
        '  meta_data/split/lvis.json, meta_data/lvis_cat_name_pt_feat.npy\n'
        '  meta_data/scanobjectnn/    xyz_label.npy, cat_name_pt_feat.npy'
    )

    def __init__(self, data_root: str, benchmark: str, split: str = 'test', **kwargs: Any) -> None:
        self.readers = dict(
            modelnet40=self._modelnet40, lvis=self._lvis, scanobjectnn=self._scanobjectnn
        )
        if benchmark not in self.readers:
            raise ValueError(f'benchmark {benchmark!r}, expected one of {list(self.readers)}')
        self.benchmark = benchmark
        super().__init__(data_root=data_root, split=split, **kwargs)

    def load_data_list(self) -> list[dict]:
        """The clouds with their classes, and the features of the classes."""
        samples, classes, features = self.readers[self.benchmark](self.root / 'meta_data')
        if features.shape[:1] != (len(classes),) or not np.isfinite(features).all():
            raise DataError(
                f"the features of '{self.benchmark}' in '{self.root}' are {features.shape}, "
                f'expected a finite row for each of {len(classes)} classes. Copy the files again.'
            )
        labels = np.array([sample['category'] for sample in samples])
        check_labels(labels, len(classes), f'{self.root}, {self.benchmark}')
        self._metainfo['classes'] = tuple(classes)
        self._metainfo['class_features'] = features.astype(np.float32)
        for i, sample in enumerate(samples):
            sample.setdefault('sample_id', f'{self.benchmark}_{i:05d}')
            sample['split'] = self.split
        return samples

    def get_data_info(self, idx: int) -> dict:
        """A sample with its points; those of LVIS are read from their file."""
        info = super().get_data_info(idx)
        if 'points' not in info:
            path = Path(info['points_path'])
            with as_openshape_writes(path):
                info['points'] = colored_points(read_npy_objects(path, 'a shape of LVIS'), path)
        return info

    def _named_features(self, path: Path) -> dict[str, np.ndarray]:
        content = read_npy_objects(path, 'features of the class names', self.LAYOUT)
        with reading(path, 'features of the class names', '{class: {open_clip_text_feat}}'):
            return {
                str(name): np.asarray(parts['open_clip_text_feat'], np.float32).reshape(-1)
                for name, parts in content.items()
            }

    def _modelnet40(self, folder: Path) -> tuple[list[dict], list[str], np.ndarray]:
        folder = folder / 'modelnet40'
        features = self._named_features(folder / 'cat_name_pt_feat.npy')
        names, path = list(features), folder / 'test_pc.npy'
        records = read_json(folder / 'test_split.json', 'the list of shapes', self.LAYOUT)
        clouds = read_npy_objects(path, 'the clouds', self.LAYOUT)
        with reading(path, 'the clouds', 'a dictionary of xyz and rgb for each of the list'):
            if len(clouds) != len(records):
                raise ValueError(f'{len(clouds)} clouds, and {len(records)} in the list')
            samples = [
                {
                    'points': colored_points(cloud, f'{path}, cloud {i}', scale=255),
                    'category': names.index(record['category']),
                    'sample_id': str(record['name']),
                }
                for i, (record, cloud) in enumerate(zip(records, clouds))
            ]
        return samples, names, np.stack(list(features.values()))

    def _scanobjectnn(self, folder: Path) -> tuple[list[dict], list[str], np.ndarray]:
        folder = folder / 'scanobjectnn'
        features = self._named_features(folder / 'cat_name_pt_feat.npy')
        names, path = list(ScanObjectNN.METAINFO['classes']), folder / 'xyz_label.npy'
        content = read_npy_objects(path, 'the clouds', self.LAYOUT)
        with reading(path, 'the clouds', 'a dictionary of xyz, label and perhaps rgb'):
            samples = []
            for i, (xyz, label) in enumerate(zip(content['xyz'], content['label'])):
                cloud = {'xyz': xyz, **({'rgb': content['rgb'][i]} if 'rgb' in content else {})}
                points = colored_points(cloud, f'{path}, cloud {i}')
                samples.append({'points': points, 'category': int(label)})
            return samples, names, np.stack([features[name] for name in names])

    def _lvis(self, folder: Path) -> tuple[list[dict], list[str], np.ndarray]:
        path = folder / 'split/lvis.json'
        records = read_json(path, 'the list of shapes', self.LAYOUT)
        features = read_npy(folder / 'lvis_cat_name_pt_feat.npy')
        with reading(path, 'the list of shapes', 'records of uid, category and data_path'):
            names = sorted({record['category'] for record in records})
            samples = []
            for record in records:
                parts = record['data_path'].removeprefix(LVIS_PREFIX).split('/')
                file = Path(*(check_name(part, path) for part in parts))
                samples.append(
                    {
                        'points_path': str(self.root / file),
                        'category': names.index(record['category']),
                        'sample_id': str(record['uid']),
                    }
                )
        return samples, names, features
