"""ModelNet40 and ModelNet10, as text files or as the community's pickles."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.registry import DATASETS

from .base import ArrayDataset
from .checks import check_labels, check_name, check_points, scalar_labels
from .errors import DataError
from .parsed import ParsedClouds, Reader, open_parsed
from .readers import read_lines, read_pickle, read_table, reading


@DATASETS.register_module()
class ModelNet(ArrayDataset):
    """ModelNet40/10, resampled, in the layout of PointNet++ and Point-BERT.

    Samples have ``points``, float32 ``(N, 3)`` (N is 8192 in the pickles, 10,000 in the text
    files; the normals are dropped), not normalized. Both forms are parsed once into a
    memory-mapped array beside the data.

    The class names come from ``modelnet{10,40}_shape_names.txt``.

    Args:
        data_root: The folder ``modelnet40_normal_resampled``.
        split: ``'train'`` or ``'test'``.
        num_classes: 40 or 10.
        cache_dir: Where the parsed form is kept, if not in ``.recon_cache`` in ``data_root``.
        **kwargs: Those of :class:`PointCloudDataset`.
    """

    METAINFO = {'dataset': 'ModelNet'}
    LAYOUT = (
        '  modelnet40_shape_names.txt                one class per line\n'
        '  modelnet40_train.txt, modelnet40_test.txt one shape per line, e.g. airplane_0001\n'
        '  <class>/<shape>.txt                       lines of x,y,z,nx,ny,nz\n'
        '  modelnet40_{train,test}_8192pts_fps.dat   instead of the two above, if there\n'
        '  (and the same with modelnet10)'
    )

    def __init__(
        self,
        data_root: str,
        split: str = 'train',
        num_classes: int = 40,
        cache_dir: str | None = None,
        **kwargs: Any,
    ) -> None:
        if num_classes not in (10, 40):
            raise ValueError(f'ModelNet: num_classes={num_classes}, expected 10 or 40')
        self.num_classes = num_classes
        self.cache_dir = cache_dir
        super().__init__(data_root=data_root, split=split, **kwargs)

    @property
    def name(self) -> str:
        """How the files of this set begin."""
        return f'modelnet{self.num_classes}'

    def load_data_list(self) -> list[dict]:
        """Opens the parsed form and lists its shapes."""
        self.clouds, samples = self._open(self.split)
        return samples

    def _open(self, split: str) -> tuple[ParsedClouds, list[dict]]:
        """The clouds of a split, and its samples."""
        self.names_file = self.root / f'{self.name}_shape_names.txt'
        names = read_lines(self.names_file, 'the class names', self.LAYOUT)
        self.classes = [check_name(name, self.names_file) for name in names]
        self._metainfo['classes'] = tuple(self.classes)
        pickled = self.root / f'{self.name}_{split}_8192pts_fps.dat'
        list_file = self.root / f'{self.name}_{split}.txt'
        if pickled.is_file():
            clouds = self._cache(split, [pickled], self._read_pickle)
            ids = read_lines(list_file, 'the list of shapes') if list_file.is_file() else []
            if len(ids) != len(clouds):  # the list is a convenience here: it names the shapes
                ids = [f'{pickled.stem}_{i:05d}' for i in range(len(clouds))]
        else:
            ids = read_lines(list_file, 'the list of shapes', self.LAYOUT)
            clouds = self._cache(split, self._text_files(ids, list_file), self._read_text)
        return clouds, [
            {'category': int(category), 'sample_id': sample_id, 'split': split, 'cloud': i}
            for i, (sample_id, category) in enumerate(zip(ids, clouds.categories))
        ]

    def _cache(self, split: str, files: list[Path], read: Reader) -> ParsedClouds:
        name = f'{self.name}-{split}'
        # The classes are among the settings: another order of names is another set of labels.
        return open_parsed(self.root, name, files, read, self.classes, self.cache_dir)

    def _text_files(self, ids: list[str], list_file: Path) -> list[Path]:
        folders = [check_name(i, list_file).rpartition('_')[0] for i in ids]  # of night_stand_0001
        unknown = sorted(set(folders) - set(self.classes))
        if unknown:
            raise DataError(
                f"'{list_file}' names shapes of '{unknown[0]}', which is not one of the "
                f"{len(self.classes)} classes of '{self.names_file}'. Expected <class>_<number>."
            )
        return [self.root / folder / f'{i}.txt' for folder, i in zip(folders, ids)]

    def _read_text(self, path: Path) -> list[tuple[np.ndarray, int]]:
        points = read_table(path, ',', (3, 6))
        return [(points[:, :3], self.classes.index(path.parent.name))]

    def _read_pickle(self, path: Path) -> Iterator[tuple[np.ndarray, int]]:
        what = 'the pickle of ModelNet'
        content = read_pickle(path, what, self.LAYOUT)
        with reading(path, what, 'the pair [clouds, labels], as many of each'):
            clouds, labels = content
            if len(clouds) != len(labels):
                raise ValueError(f'{len(clouds)} clouds and {len(labels)} labels')
            labels = scalar_labels(labels)
        check_labels(labels, len(self.classes), path)
        for i, (points, label) in enumerate(zip(clouds, labels)):
            yield check_points(points, f'{path}, cloud {i}', columns=(3, 6))[:, :3], int(label)
