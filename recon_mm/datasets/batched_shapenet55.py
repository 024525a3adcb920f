"""ShapeNet55 read a whole batch at a time: no Python runs for each sample."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
from mmengine.registry import FUNCTIONS

from recon_mm.registry import DATASETS

from .errors import DataError
from .shapenet55 import ShapeNet55


@FUNCTIONS.register_module()
def keep_batch(batch: Any) -> Any:
    """The ``collate_fn`` of data sets that give batches: nothing is left to collate."""
    return batch


@DATASETS.register_module()
class BatchedShapeNet55(ShapeNet55):
    """ShapeNet55 from a packed file, and stored teacher features, for pretraining.

    The data loader asks for all samples of a batch at once (``__getitems__``) and gets
    ``dict(inputs=dict(points (B, N, 3), category (B,), image_features (B, D)))``: one gather from
    each memory map, and no data samples, which pretraining does not read. Use it with
    ``collate_fn=dict(type='keep_batch')``.

    Args:
        packed_file: See :class:`ShapeNet55`.
        min_points: The fewest points a cloud may have: those that the batch transforms draw.
        teacher_features: Arguments of ``TeacherFeatureCache`` (``path``, ``expect``), and ``view``
            as in ``LoadTeacherFeatures``; ``None`` where no image teacher is trained with.
        **kwargs: Those of :class:`ShapeNet55` but the pipeline.

    Raises:
        DataError: If the packed file does not fit the lists, or has fewer points.
        KeyError: If samples have no stored teacher features.
    """

    def __init__(
        self,
        data_root: str,
        packed_file: str,
        min_points: int = 1,
        teacher_features: dict | None = None,
        **kwargs: Any,
    ) -> None:
        self.min_points = min_points
        self.features = None if teacher_features is None else FeatureRows(**teacher_features)
        self._cloud_rows = self._categories = np.empty(0, np.int64)
        super().__init__(data_root=data_root, packed_file=packed_file, **kwargs)

    def full_init(self) -> None:
        """Reads the lists, and keeps what a batch needs as arrays."""
        if self._fully_initialized:
            return
        super().full_init()
        samples = [self.get_data_info(index) for index in range(len(self))]
        self._cloud_rows = np.array([sample['cloud'] for sample in samples])
        self._categories = np.array([sample['category'] for sample in samples])
        assert self.clouds is not None
        if self.clouds.shape[1] < self.min_points:
            raise DataError(
                f"'{self.clouds.path}' holds clouds of {self.clouds.shape[1]} points, expected at "
                f'least {self.min_points}. Ask for fewer in the config (min_points, '
                f'data_preprocessor), or pack larger clouds.'
            )
        if self.features is not None:
            self.features.align([sample['sample_id'] for sample in samples])

    def __getitems__(self, indices: Sequence[int]) -> dict[str, Any]:
        """A batch of these samples."""
        assert self.clouds is not None
        index = np.asarray(indices)
        inputs = {
            'points': torch.from_numpy(self.clouds.values[self._cloud_rows[index]]),  # (B, N, 3)
            'category': torch.from_numpy(self._categories[index]),  # (B,)
        }
        if self.features is not None:
            inputs['image_features'] = torch.from_numpy(self.features.read(index))  # (B, D)
        return {'inputs': inputs}


class FeatureRows:
    """Stored features of the image teacher, many samples at a time.

    Args:
        path: The folder that ``tools/cache_teacher_features.py`` wrote.
        view: Which of the stored views: ``'random'``, or its index.
        expect: What the cache must have been made from (see ``TeacherFeatureCache``).
    """

    def __init__(
        self, path: str, view: Literal['random'] | int = 'random', expect: dict | None = None
    ) -> None:
        from recon_mm.models.teachers.cache import TeacherFeatureCache

        self.cache = TeacherFeatureCache(path, expect)
        self.view = view
        self._rows = np.empty(0, np.int64)
        self._values: np.ndarray | None = None

    def align(self, sample_ids: Sequence[str]) -> None:
        """From now on sample ``i`` is ``sample_ids[i]``.

        Raises:
            KeyError: If one is not in the cache; the message is that of reading it alone.
        """
        row_of = {sample_id: row for row, sample_id in enumerate(self.cache.sample_ids)}
        for sample_id in sample_ids:
            if sample_id not in row_of:
                self.cache.read(sample_id, 0)
        self._rows = np.array([row_of[sample_id] for sample_id in sample_ids], dtype=np.int64)

    def read(self, index: np.ndarray) -> np.ndarray:
        """Features ``(B, D)`` float32 of samples ``(B,)``, each of a view of its own."""
        from recon_mm.models.teachers.cache import FEATURES

        if self._values is None:
            self._values = np.asarray(np.load(self.cache.path / FEATURES, mmap_mode='r'))
        view: Any = self.view
        if view == 'random':
            view = np.random.randint(self.cache.num_views, size=len(index))  # noqa: NPY002
        return self._values[self._rows[index], view].astype(np.float32)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, '_values': None}  # a pickled map would become a copy
