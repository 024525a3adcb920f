"""ShapeNetPart: shapes of 16 categories whose points are labeled with 50 parts."""

from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.registry import DATASETS

from .base import ArrayDataset
from .checks import check_file, check_labels, check_name
from .errors import DataError
from .palettes import distinct_colors
from .parsed import ParsedClouds, open_parsed
from .readers import read_json, read_lines, read_table, reading

PARTS = {
    'Airplane': range(0, 4),
    'Bag': range(4, 6),
    'Cap': range(6, 8),
    'Car': range(8, 12),
    'Chair': range(12, 16),
    'Earphone': range(16, 19),
    'Guitar': range(19, 22),
    'Knife': range(22, 24),
    'Lamp': range(24, 28),
    'Laptop': range(28, 30),
    'Motorbike': range(30, 36),
    'Mug': range(36, 38),
    'Pistol': range(38, 41),
    'Rocket': range(41, 44),
    'Skateboard': range(44, 47),
    'Table': range(47, 50),
}
# The files number the parts; the names are what the shapes show.
PART_NAMES = {
    'Airplane': ('body', 'wing', 'tail', 'engine'),
    'Bag': ('handle', 'body'),
    'Cap': ('crown', 'peak'),
    'Car': ('roof', 'hood', 'wheel', 'body'),
    'Chair': ('back', 'seat', 'leg', 'arm'),
    'Earphone': ('cup', 'headband', 'wire'),
    'Guitar': ('head', 'neck', 'body'),
    'Knife': ('blade', 'handle'),
    'Lamp': ('base', 'shade', 'canopy', 'pole'),
    'Laptop': ('keyboard', 'screen'),
    'Motorbike': ('gas tank', 'seat', 'wheel', 'handle', 'light', 'frame'),
    'Mug': ('handle', 'body'),
    'Pistol': ('barrel', 'handle', 'trigger'),
    'Rocket': ('body', 'fin', 'nose'),
    'Skateboard': ('wheel', 'deck', 'truck'),
    'Table': ('top', 'leg', 'drawer'),
}
LISTS = ('train', 'val', 'test')


@DATASETS.register_module()
class ShapeNetPart(ArrayDataset):
    """ShapeNetPart with normals (16,881 shapes), of which the normals are dropped.

    Samples have ``points``, float32 ``(N, 3)``, not normalized, with N from shape to shape, and
    ``part_labels``, int64 ``(N,)``, 0 to 49. ``metainfo`` has ``classes`` (the 16 categories),
    ``parts`` (the part labels of each category, in the same order), ``part_names`` and ``palette``
    (one name and one color per part).

    The text files are parsed once into a memory-mapped array beside them.

    Args:
        data_root: The folder ``shapenetcore_partanno_segmentation_benchmark_v0_normal``.
        split: ``'train'``, ``'val'``, ``'trainval'`` (what the authors train on) or ``'test'``.
        cache_dir: Where the parsed form is kept, if not in ``.recon_cache`` in ``data_root``.
        **kwargs: Those of :class:`~recon_mm.datasets.base.PointCloudDataset`.
    """

    SPLITS = ('train', 'val', 'trainval', 'test')
    METAINFO = {
        'dataset': 'ShapeNetPart',
        'classes': tuple(PARTS),
        'parts': tuple(tuple(labels) for labels in PARTS.values()),
        'part_names': tuple(name for names in PART_NAMES.values() for name in names),
        'palette': distinct_colors(50),
    }
    LAYOUT = (
        '  synsetoffset2category.txt                               Airplane 02691156 (and more)\n'
        '  train_test_split/shuffled_{train,val,test}_file_list.json\n'
        '  <synset>/<shape>.txt                                    lines of x y z nx ny nz part'
    )

    def __init__(
        self, data_root: str, split: str = 'train', cache_dir: str | None = None, **kwargs: Any
    ) -> None:
        self.cache_dir = cache_dir
        super().__init__(data_root=data_root, split=split, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Opens the parsed form of all lists and takes the shapes of the split."""
        categories = self._read_categories()
        wanted = ('train', 'val') if self.split == 'trainval' else (self.split,)
        for name in wanted:
            check_file(self._list_file(name), f'the list of {name} shapes', self.LAYOUT)
        shapes = [  # of all lists that are there: one parsed form serves every split
            (name, shape)
            for name in LISTS
            if self._list_file(name).is_file()
            for shape in self._read_list(name, categories)
        ]
        self.clouds = self._open([shape for _, shape in shapes], categories)
        return [
            {
                'category': int(self.clouds.categories[i]),
                'sample_id': '-'.join(shape),
                'split': name,
                'cloud': i,
            }
            for i, (name, shape) in enumerate(shapes)
            if name in wanted
        ]

    def get_data_info(self, idx: int) -> dict:
        """A sample with its ``points`` and ``part_labels``."""
        info = super(ArrayDataset, self).get_data_info(idx)
        cloud = self.clouds[info.pop('cloud')]
        info['points'] = np.array(cloud[:, :3])
        info['part_labels'] = cloud[:, 3].astype(np.int64)
        return info

    def _list_file(self, name: str) -> Path:
        return self.root / 'train_test_split' / f'shuffled_{name}_file_list.json'

    def _read_categories(self) -> dict[str, int]:
        """The index of each synset's category."""
        path = self.root / 'synsetoffset2category.txt'
        lines = [line.split() for line in read_lines(path, 'the categories', self.LAYOUT)]
        names = tuple(PARTS)
        for line in lines:
            if len(line) != 2 or line[0] not in PARTS:
                raise DataError(
                    f"'{path}' has the line '{' '.join(line)[:80]}', expected a category and its "
                    f'synset, the category one of {", ".join(names)}.'
                )
            check_name(line[1], path)
        return {synset: names.index(name) for name, synset in lines}

    def _read_list(self, name: str, categories: dict[str, int]) -> list[tuple[str, str]]:
        """The (synset, shape) of each entry like ``shape_data/02691156/1021a0914a7207``."""
        path = self._list_file(name)
        what = f'the list of {name} shapes'
        with reading(path, what, 'a list of names, e.g. "shape_data/02691156/1021a0914a7207"'):
            content = read_json(path, what)
            if not isinstance(content, list):
                raise TypeError(f'it holds a {type(content).__name__}')
            entries = [
                [check_name(part, path) for part in entry.split('/')][-2:] for entry in content
            ]
        for entry in entries:
            if len(entry) != 2 or entry[0] not in categories:
                raise DataError(
                    f"'{path}' names '{'/'.join(entry)}', expected <synset>/<shape> with a synset "
                    f'of synsetoffset2category.txt.'
                )
        return [(synset, shape) for synset, shape in entries]

    def _open(self, shapes: list[tuple[str, str]], categories: dict[str, int]) -> ParsedClouds:
        files = [self.root / synset / f'{shape}.txt' for synset, shape in shapes]
        parts = tuple(PARTS.values())

        def read(file: Path) -> list[tuple[np.ndarray, int]]:
            category = categories[file.parent.name]
            table = read_table(file, None, (7,))
            labels = parts[category]
            check_labels(table[:, 6], len(labels), file, first=labels.start)
            return [(table[:, [0, 1, 2, 6]], category)]

        settings = sorted(categories.items())
        return open_parsed(self.root, 'shapenetpart', files, read, settings, self.cache_dir)
