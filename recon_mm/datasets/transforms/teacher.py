"""Features of a frozen teacher, read from disk instead of computed in the step."""

import logging
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.logging import print_log

from recon_mm.datasets.errors import DataError
from recon_mm.datasets.seeding import draw_for_samples, sample_randomness
from recon_mm.datasets.storage import FEATURES, open_store
from recon_mm.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadTeacherFeatures(BaseTransform):
    """Reads a stored feature, float32 ``(D,)``, of the sample ``sample_id``, or several of them.

    Replaces LoadRenderedImage and AugmentImage when training from stored features. They are checked
    here, at once, and memory-mapped by each worker at its first sample.

    With ``rows``, as ReCon++ learns them, the result is ``(rows, D)``: different stored views,
    drawn without replacement. A view that is stored twice, as a repeated sentence is, counts once,
    and one of zeros not at all. Where a sample has fewer, rows of zeros follow: no targets.

    Args:
        path: The folder that ``tools/cache_teacher_features.py`` wrote.
        view: Which of the stored augmented views: ``'random'``, or its index.
        expect: What the features must have been made from, e.g.
            ``dict(teacher=dict(model_name='ViT-B-32-quickgelu'), feature_dims=512)``. Keys left out
            are not compared; a nested dict is compared by its own keys.
        key: The input of the model that is filled; its cached teacher reads the same.
        allow_untrained: Whether features of a teacher without weights are taken, with a warning:
            they mean nothing, and serve tests and demonstrations alone.
        rows: How many views a sample gets; ``None`` for one, without a dimension of rows.

    Raises:
        DataError: If the features are missing, incomplete, damaged, of an untrained teacher or
            made from something else than ``expect``, or a sample is not among them.
        ValueError: If there is no such view, or ``rows`` is no positive number.
    """

    def __init__(
        self,
        path: str,
        view: Literal['random'] | int = 'random',
        expect: dict | None = None,
        key: str = 'image_features',
        allow_untrained: bool = False,
        rows: int | None = None,
    ) -> None:
        if rows is not None and (rows < 1 or view != 'random'):
            raise ValueError(
                f"rows={rows!r} with view={view!r}, expected at least 1 with view='random': rows "
                'are drawn'
            )
        self.store = open_store(path, FEATURES, expect)
        if self.store.header.made_from.get('trained') is False:
            found = f"the features in '{path}' are of a teacher WITHOUT TRAINED WEIGHTS"
            if not allow_untrained:
                raise DataError(
                    f'{found}, expected those of a trained one: give the teacher pretrained '
                    f'weights and compute them again. {FEATURES.advice}\nFor a demonstration, set '
                    f'allow_untrained=True of LoadTeacherFeatures.'
                )
            print_log(f'{found}: they mean nothing', 'current', logging.WARNING)
        self.num_views = self.store.header.arrays['features'].shape[1]
        if view != 'random' and not (isinstance(view, int) and 0 <= view < self.num_views):
            raise ValueError(
                f"view={view!r}, expected 'random' or the index of a view of '{path}', 0 to "
                f'{self.num_views - 1}'
            )
        self.view, self.key, self.rows = view, key, rows

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Adds the feature, or features."""
        results[self.key] = self.read(self.store.row(results['sample_id']))
        return results

    def read(self, rows: Any, indices: Sequence[int] | None = None) -> np.ndarray:
        """Features float32 of rows of the store, each of views of its own.

        Args:
            rows: A row, or int ``(B,)``.
            indices: Of a batch the indices of its samples, as the sampler gives them.

        Returns:
            ``(D,)``, or ``(B, D)``; with ``rows`` of the transform ``(rows, D)``, or
            ``(B, rows, D)``.
        """
        if self.rows is not None:
            return self._several(rows) if indices is None else self._batch(rows, indices)
        view: Any = self.view
        if view == 'random':
            view = np.random.randint(self.num_views)  # noqa: NPY002
            if indices is not None:
                view = draw_for_samples(indices, self.num_views)
        return self.store.read('features', (rows, view)).astype(np.float32)

    def _several(self, row: int) -> np.ndarray:
        stored = self.store.read('features', row)  # (views, D)
        different = {view.tobytes(): k for k, view in enumerate(stored) if view.any()}
        found = np.array(list(different.values()), int)
        drawn = np.random.permutation(found)[: self.rows]  # noqa: NPY002
        result = np.zeros((self.rows or 0, stored.shape[1]), np.float32)
        result[: len(drawn)] = stored[drawn]
        return result

    def _batch(self, rows: Sequence[int], indices: Sequence[int]) -> np.ndarray:
        each = []
        for row, index in zip(rows, indices):
            with sample_randomness(index):
                each.append(self._several(row))
        return np.stack(each)
