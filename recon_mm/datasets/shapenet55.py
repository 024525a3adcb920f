"""ShapeNet55: the clouds, rendered images and category names ReCon is pretrained on."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from recon_mm.registry import DATASETS

from .base import PointCloudDataset
from .checks import check_listed, check_name, check_root
from .errors import DataError
from .fingerprint import fingerprint
from .readers import read_json, read_lines, reading
from .storage import PACKED, ArrayStore, open_store
from .transforms import LoadTeacherFeatures


@DATASETS.register_module()
class ShapeNet55(PointCloudDataset):
    """ShapeNet55 in the layout of Point-BERT and ReCon (52,470 shapes, 55 categories).

    The classes are the 55 category descriptions of ``shapenet55.json`` in the order of their
    catalogue number, so that an index means the same on every machine.

    Args:
        data_root: The folder ``ShapeNet55-34``.
        split: Which list to read when ``ann_files`` does not say.
        ann_files: The lists to join, below ``ShapeNet-55/``, instead of ``<split>.txt``. The
            authors pretrain on ``('train.txt', 'test.txt')``.
        with_images: Whether each sample has an ``image_path``; all images must then exist.
        packed_file: All clouds in one store (``tools/dataset_converters/pack_shapenet55.py``)
            instead of ``shapenet_pc``, which then need not exist. Samples come with ``points``, a
            view of the map: the pipeline needs no ``LoadPoints``.
        **kwargs: Those of :class:`PointCloudDataset`.

    Raises:
        ValueError: If the pipeline reads files although there is a packed one.
    """

    METAINFO = {'dataset': 'ShapeNet55'}
    LAYOUT = (
        '  shapenet_pc/<synset>-<model>.npy   8192 x 3 numbers\n'
        '  shapenet_img/<synset>-<model>.png  a rendered image (pretraining with images only)\n'
        '  ShapeNet-55/train.txt, test.txt    one file name of shapenet_pc per line\n'
        '  shapenet55.json                    records of catalogue and describe'
    )

    def __init__(
        self,
        data_root: str,
        split: str = 'train',
        ann_files: Sequence[str] | None = None,
        with_images: bool = False,
        packed_file: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.ann_files = tuple(ann_files or (f'{split}.txt',))
        self.with_images = with_images
        self.packed_file = packed_file
        self.clouds: ArrayStore | None = None
        steps = [step.get('type') for step in kwargs.get('pipeline', ()) if isinstance(step, dict)]
        if packed_file is not None and 'LoadPoints' in steps:
            raise ValueError(
                f"packed_file='{packed_file}' already gives each sample its points: take "
                'LoadPoints out of the pipeline'
            )
        super().__init__(data_root=data_root, split=split, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Joins the lists, and checks by one listing per folder that their files exist."""
        categories = read_categories(self.root / 'shapenet55.json', self.LAYOUT)
        self._metainfo['classes'] = tuple(categories.values())
        indices = {catalogue: i for i, catalogue in enumerate(categories)}
        clouds, images = self.root / 'shapenet_pc', self.root / 'shapenet_img'
        packed = self.packed_file is not None
        cloud_names = set() if packed else self._names(clouds)
        image_names = self._names(images) if self.with_images else set()
        samples = []
        for ann_file in self.ann_files:
            path = self.root / 'ShapeNet-55' / ann_file
            names = read_lines(path, 'a list of shapes', self.LAYOUT)
            stems = [check_name(name, path).removesuffix('.npy') for name in names]
            if not self.skip_corrupt:  # else each is reported and replaced when it is drawn
                if not packed:
                    check_listed([f'{stem}.npy' for stem in stems], cloud_names, clouds, path)
                if self.with_images:
                    check_listed([f'{stem}.png' for stem in stems], image_names, images, path)
            for stem in stems:
                sample: dict[str, Any] = {
                    'category': self._category(stem, indices, path),
                    'sample_id': stem,
                    'split': Path(ann_file).stem,
                }
                if not packed:
                    sample['points_path'] = str(clouds / f'{stem}.npy')
                if self.with_images:
                    sample['image_path'] = str(images / f'{stem}.png')
                samples.append(sample)
        if self.packed_file is not None:
            self.clouds = open_store(self.packed_file, PACKED)
            self._check_sources(self.clouds, clouds, 'clouds', '.npy')
            for sample, row in zip(samples, self.clouds.rows([s['sample_id'] for s in samples])):
                sample['cloud'] = int(row)
        for features in self._stored_features():
            self._check_sources(features, images, 'images', '.png')
        return samples

    def get_data_info(self, idx: int) -> dict:
        """A sample; of packed clouds with ``points``, float32 ``(N, 3)``, a read-only view."""
        info = super().get_data_info(idx)
        if self.clouds is not None:
            info['points'] = self.clouds.read('clouds', info['cloud'])
        return info

    def _names(self, folder: Path) -> set[str]:
        check_root(folder, type(self).__name__, self.LAYOUT)
        return set(os.listdir(folder))

    def _stored_features(self) -> list[ArrayStore]:
        """The teacher features that samples get."""
        steps = self.pipeline.transforms
        return [step.store for step in steps if isinstance(step, LoadTeacherFeatures)]

    def _check_sources(self, store: ArrayStore, folder: Path, key: str, suffix: str) -> None:
        """Compares what a store says of the files it was made from, where they all are there."""
        said = store.header.made_from.get(key)
        if said is None or not folder.is_dir():
            return
        found, missing = fingerprint([folder / f'{i}{suffix}' for i in store.header.sample_ids])
        if not missing and found != said:
            raise DataError(
                f"'{store.path}' was made from other files than those that are now in '{folder}': "
                f'names, sizes or times of change differ. {store.kind.advice}\nIf they are the '
                f'same and only copied, rename that folder: it is not read with the store.'
            )

    def _category(self, stem: str, indices: dict[int, int], list_file: Path) -> int:
        synset = stem.split('-')[0]
        if not synset.isdigit() or int(synset) not in indices:
            raise DataError(
                f"'{list_file}' names '{stem}', whose synset '{synset}' is not one of the "
                f"{len(indices)} catalogue numbers of '{self.root / 'shapenet55.json'}'. Expected "
                f'<synset>-<model>.npy, e.g. 02691156-10155655850468db78d106ce0a280f87.npy.'
            )
        return indices[int(synset)]


def read_categories(path: Path, layout: str | None = None) -> dict[int, str]:
    """The description of each catalogue number (a synset without its leading 0), ascending.

    Both forms that pandas writes are read: a list of records, and a dictionary of columns.

    Raises:
        DataError: If the file is missing or of another form.
    """
    what, expected = 'the category names', '{"catalogue": 2691156, "describe": "airplane"}'
    with reading(path, what, f'records like {expected}', layout):
        content = read_json(path, what)
        if isinstance(content, dict):
            catalogue, describe = content['catalogue'], content['describe']
            keys = catalogue if isinstance(catalogue, dict) else range(len(catalogue))
            content = [{'catalogue': catalogue[k], 'describe': describe[k]} for k in keys]
        categories = {int(record['catalogue']): record['describe'] for record in content}
        if not all(isinstance(name, str) and name.strip() for name in categories.values()):
            raise TypeError('a category without a name')
    if len(categories) != len(content) or not categories:
        raise DataError(
            f"'{path}' has {len(content)} records of {len(categories)} different catalogue "
            f'numbers, expected each once.'
        )
    return dict(sorted(categories.items()))
