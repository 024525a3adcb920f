"""A folder of custom shapes whose points, or faces, have part labels."""

from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.registry import DATASETS

from .palettes import distinct_colors
from .shape_files import draw_points, read_shape
from .shape_folder import ShapeFolder
from .shape_splits import content_hash


@DATASETS.register_module()
class PartFolder(ShapeFolder):
    """Clouds with a part label per point, or meshes with one per face, for part segmentation.

    Labels are whole numbers from 0, in the file or in ``<name>.seg`` beside it (see
    :func:`~recon_mm.datasets.shape_files.read_shape`). What occurs in a category are its parts,
    whether the numbers are counted in each category or in the whole set; samples have them counted
    through all categories, in the order of the classes.

    Samples have ``points``, float32 ``(N, 3)``, and ``part_labels``, int64 ``(N,)``, with N from
    shape to shape; of a mesh, ``num_points`` are drawn. ``metainfo`` has ``classes``, ``parts``
    (the part labels of each class) and ``palette`` (one color per part).

    Args: those of :class:`ShapeFolder`.
    """

    METAINFO = {'dataset': 'PartFolder'}

    def load_data_list(self) -> list[dict]:
        """Lists the shapes of the split, and finds the parts of all classes in all splits."""
        samples = super().load_data_list()
        classes = self._metainfo['classes']
        found: list[set[float]] = [set() for _ in classes]
        assert self.clouds is not None
        for row, category in enumerate(self.categories):
            found[category].update(np.unique(self.clouds[row][:, 3]).tolist())
        self._labels = [np.array(sorted(labels)) for labels in found]
        ends = np.cumsum([len(labels) for labels in self._labels]).tolist()
        self._metainfo['parts'] = tuple(
            tuple(range(end - len(labels), end)) for labels, end in zip(self._labels, ends)
        )
        self._metainfo['palette'] = distinct_colors(ends[-1])
        return samples

    def get_data_info(self, idx: int) -> dict:
        """A sample with its ``points`` and ``part_labels``."""
        info = super().get_data_info(idx)
        cloud, category = info['points'], info['category']
        first = self._metainfo['parts'][category][0]
        info['points'] = cloud[:, :3].copy()
        info['part_labels'] = first + np.searchsorted(self._labels[category], cloud[:, 3])
        return info

    def _prepared(self, entries: Any) -> bool:
        return False  # arrays have labels, too, which are found by reading them

    def _parse(self, file: Path, up: str, seed: int) -> tuple[np.ndarray, int]:
        shape = read_shape(file, up, self.bin_columns, with_labels=True)
        count = len(shape.points) if shape.faces is None else self.num_points
        points, labels = draw_points(shape, count, seed, file)
        assert labels is not None
        return np.column_stack([points, labels]), content_hash(shape)
