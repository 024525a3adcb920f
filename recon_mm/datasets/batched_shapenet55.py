"""ShapeNet55 read a whole batch at a time: no Python runs for each sample."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.registry import FUNCTIONS

from recon_mm.registry import DATASETS

from .errors import DataError
from .shapenet55 import ShapeNet55
from .storage import ArrayStore
from .transforms import LoadTeacherFeatures


@FUNCTIONS.register_module()
def keep_batch(batch: Any) -> Any:
    """The ``collate_fn`` of data sets that give batches: nothing is left to collate."""
    return batch


@DATASETS.register_module()
class BatchedShapeNet55(ShapeNet55):
    """ShapeNet55 from packed clouds, and stored teacher features, for pretraining.

    The data loader asks for all samples of a batch at once (``__getitems__``) and gets
    ``dict(inputs=dict(points (B, N, 3), category (B,), image_features (B, D)))``: one gather from
    each memory map, and no data samples, which pretraining does not read. Use it with
    ``collate_fn=dict(type='keep_batch')``.

    Args:
        packed_file: See :class:`ShapeNet55`.
        min_points: The fewest points a cloud may have: those that the batch transforms draw.
        teacher_features: Arguments of ``LoadTeacherFeatures``; ``None`` where none are trained
            with.
        **kwargs: Those of :class:`ShapeNet55` but the pipeline.

    Raises:
        DataError: If the packed clouds or the stored features do not fit the lists, or the clouds
            have fewer points.
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
        stored = teacher_features is not None
        self.features = LoadTeacherFeatures(**teacher_features) if stored else None
        self._cloud_rows = self._feature_rows = self._categories = np.empty(0, np.int64)
        super().__init__(data_root=data_root, packed_file=packed_file, **kwargs)

    def full_init(self) -> None:
        """Reads the lists, and keeps what a batch needs as arrays."""
        if self._fully_initialized:
            return
        super().full_init()
        # Without the points, which would be looked through.
        samples = [super(ShapeNet55, self).get_data_info(index) for index in range(len(self))]
        self._cloud_rows = np.array([sample['cloud'] for sample in samples])
        self._categories = np.array([sample['category'] for sample in samples])
        assert self.clouds is not None
        num_points = self.clouds.header.arrays['clouds'].shape[1]
        if num_points < self.min_points:
            raise DataError(
                f"'{self.clouds.path}' holds clouds of {num_points} points, expected at "
                f'least {self.min_points}. Ask for fewer in the config (min_points, '
                f'data_preprocessor), or pack larger clouds.'
            )
        if self.features is not None:
            self._feature_rows = self.features.store.rows([s['sample_id'] for s in samples])

    def _stored_features(self) -> list[ArrayStore]:
        return [] if self.features is None else [self.features.store]

    def __getitems__(self, indices: Sequence[int]) -> dict[str, Any]:
        """A batch of these samples."""
        assert self.clouds is not None
        index = np.asarray(indices)
        inputs = {
            'points': torch.from_numpy(self.clouds.read('clouds', self._cloud_rows[index])),
            'category': torch.from_numpy(self._categories[index]),  # (B,)
        }
        if self.features is not None:
            features = self.features.read(self._feature_rows[index], indices)
            inputs[self.features.key] = torch.from_numpy(features)  # (B, D) or (B, rows, D)
        return {'inputs': inputs, 'sample_idx': index}
