"""A folder of custom shapes as a data set."""

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.registry import DATASETS

from .base import PointCloudDataset
from .checks import missing_files
from .errors import DataError
from .parsed import ParsedClouds, open_parsed
from .shape_files import NUM_POINTS, draw_points, read_shape
from .shape_lists import LAYOUT, ShapeEntry, list_shapes
from .shape_splits import content_hash, one_split_each, split_of


@DATASETS.register_module()
class ShapeFolder(PointCloudDataset):
    """Custom meshes and clouds: ``<category>/<name>.<ext>``, or a list of them.

    The list is a CSV file with the columns ``path`` and, if known, ``category``, ``caption``,
    ``split``, ``id`` and ``up``; the command ``recon-mm prepare`` writes one. Where it names
    ``.npy`` files and their splits, samples have a ``points_path``. Anything else is parsed once
    into a memory-mapped array beside the data, and samples have ``points``, float32
    ``(num_points, 3)``.

    Where nobody decided, the split of a shape follows from its content: it lasts when others are
    added, and shapes of equal content are in one split. ``classes`` are the categories in
    alphabetical order; without categories there is one class, ``'shape'``.

    Args:
        data_root: The folder.
        split: ``'train'``, ``'val'``, ``'test'``, ``'trainval'`` or ``'all'``.
        ann_file: The list, below the folder; default ``shapes.csv`` where there is one, else every
            file of a known kind is a shape.
        with_images: Whether samples have ``image_paths``, the views in ``views/<id>/``.
        num_points: Points of a shape that is parsed.
        up: The axis that points up in the files that are parsed, where the list does not say it;
            samples have y up.
        bin_columns: Numbers per point of ``.bin`` files.
        val_fraction: Share of the validation split, where the list does not say the split.
        test_fraction: Share of the test split.
        split_seed: Another seed is another draw of splits.
        cache_dir: Where the parsed form is kept, if not in ``.recon_cache`` in the folder.
        **kwargs: Those of :class:`PointCloudDataset`.
    """

    SPLITS = ('train', 'val', 'test', 'trainval', 'all')
    METAINFO = {'dataset': 'ShapeFolder'}
    LAYOUT = LAYOUT

    def __init__(
        self,
        data_root: str,
        split: str = 'train',
        ann_file: str | None = None,
        with_images: bool = False,
        num_points: int = NUM_POINTS,
        up: str = 'y',
        bin_columns: int = 4,
        val_fraction: float = 0.15,
        test_fraction: float = 0.0,
        split_seed: int = 0,
        cache_dir: str | None = None,
        **kwargs: Any,
    ) -> None:
        self.list_file, self.with_images = ann_file, with_images
        self.num_points, self.up, self.bin_columns = num_points, up, bin_columns
        self.fractions = val_fraction, test_fraction, split_seed
        self.cache_dir = cache_dir
        self.clouds: ParsedClouds | None = None
        super().__init__(data_root=data_root, split=split, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Lists the shapes of the split; reads all that are not prepared, once."""
        entries = list_shapes(self.root, self.list_file)
        self._metainfo['classes'] = classes_of(entries)
        self.categories = [
            self._metainfo['classes'].index(entry.category or 'shape') for entry in entries
        ]
        splits = self._open(entries)
        wanted = {'trainval': ('train', 'val'), 'all': ('train', 'val', 'test')}
        chosen = wanted.get(self.split, (self.split,))
        rows = [row for row, split in enumerate(splits) if split in chosen]
        if not rows:
            counts = ', '.join(f'{name} {splits.count(name)}' for name in self.SPLITS[:3])
            raise DataError(
                f"'{self.root}' has no shape of the split '{self.split}' ({counts}). Change the "
                f"list's column split, or the share of the split (val_fraction, test_fraction)."
            )
        samples = [self._sample(entries[row], splits[row], row) for row in rows]
        if self.with_images:
            self._add_images(samples)
        return samples

    def get_data_info(self, idx: int) -> dict:
        """A sample; of a parsed set with its ``points``, a copy."""
        info = super().get_data_info(idx)
        if self.clouds is not None:
            info['points'] = np.array(self.clouds[info.pop('cloud')])
        return info

    def _open(self, entries: Sequence[ShapeEntry]) -> list[str]:
        """Opens the parsed form where it is needed; gives the split of each shape."""
        if self._prepared(entries):
            return [entry.split for entry in entries]
        files = [self.root / entry.path for entry in entries]
        read_as = {file: (e.up or self.up, e.id) for file, e in zip(files, entries)}

        def read(file: Path) -> list[tuple[np.ndarray, int]]:
            up, name = read_as[file]
            # In place of a category the hash of the content, by which splits are drawn.
            return [self._parse(file, up, zlib.crc32(name.encode()))]

        settings = [self.num_points, self.bin_columns, list(read_as.values())]
        name = type(self).__name__.lower()
        self.clouds = open_parsed(self.root, name, files, read, settings, self.cache_dir)
        contents = self.clouds.categories.tolist()
        drawn = (split_of(content, *self.fractions) for content in contents)
        return one_split_each(contents, (e.split or d for e, d in zip(entries, drawn)))

    def _prepared(self, entries: Sequence[ShapeEntry]) -> bool:
        """Whether nothing is to be parsed: arrays in files with y up, whose splits are known."""
        return all(
            entry.path.endswith('.npy') and entry.split and entry.up in ('', 'y')
            for entry in entries
        )

    def _parse(self, file: Path, up: str, seed: int) -> tuple[np.ndarray, int]:
        """A cloud ``(N, columns)``, and the hash of the content of its file."""
        shape = read_shape(file, up, self.bin_columns)
        return draw_points(shape, self.num_points, seed, file)[0], content_hash(shape)

    def _sample(self, entry: ShapeEntry, split: str, row: int) -> dict[str, Any]:
        sample: dict[str, Any] = {
            'category': self.categories[row],
            'sample_id': entry.id,
            'split': split,
        }
        if self.clouds is None:
            sample['points_path'] = str(self.root / entry.path)
        else:
            sample['cloud'] = row
        return sample

    def _add_images(self, samples: list[dict[str, Any]]) -> None:
        missing = []
        for sample in samples:
            folder = self.root / 'views' / sample['sample_id']
            names = sorted(os.listdir(folder)) if folder.is_dir() else []
            paths = [str(folder / name) for name in names if name.endswith(('.png', '.jpg'))]
            sample['image_paths'] = paths
            if not paths:
                missing.append(folder / '0.png')
        if missing:
            error = missing_files(missing, len(samples), f"the shapes of '{self.root}' need")
            raise DataError(
                f"{error} Views are drawn by 'recon-mm prepare'; without them set "
                f'with_images=False, and the image modality to None.'
            )


def classes_of(entries: Sequence[ShapeEntry]) -> tuple[str, ...]:
    """The categories, in alphabetical order; a shape without one is a ``'shape'``."""
    return tuple(sorted({entry.category or 'shape' for entry in entries}))
