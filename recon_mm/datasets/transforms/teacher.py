"""Features of a frozen teacher, read from disk instead of computed in the step."""

import logging
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from mmcv.transforms import BaseTransform
from mmengine.logging import print_log

from recon_mm.datasets.errors import DataError
from recon_mm.datasets.seeding import draw_for_samples
from recon_mm.datasets.storage import FEATURES, open_store
from recon_mm.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadTeacherFeatures(BaseTransform):
    """Reads a stored feature, float32 ``(D,)``, of the sample ``sample_id``.

    Replaces LoadRenderedImage and AugmentImage when training from stored features. They are checked
    here, at once, and memory-mapped by each worker at its first sample.

    Args:
        path: The folder that ``tools/cache_teacher_features.py`` wrote.
        view: Which of the stored augmented views: ``'random'``, or its index.
        expect: What the features must have been made from, e.g.
            ``dict(teacher=dict(model_name='ViT-B-32-quickgelu'), feature_dims=512)``. Keys left out
            are not compared; a nested dict is compared by its own keys.
        key: The input of the model that is filled; its cached teacher reads the same.
        allow_untrained: Whether features of a teacher without weights are taken, with a warning:
            they mean nothing, and serve tests and demonstrations alone.

    Raises:
        DataError: If the features are missing, incomplete, damaged, of an untrained teacher or
            made from something else than ``expect``, or a sample is not among them.
        ValueError: If there is no such view.
    """

    def __init__(
        self,
        path: str,
        view: Literal['random'] | int = 'random',
        expect: dict | None = None,
        key: str = 'image_features',
        allow_untrained: bool = False,
    ) -> None:
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
        self.view, self.key = view, key

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Adds the feature."""
        results[self.key] = self.read(self.store.row(results['sample_id']))
        return results

    def read(self, rows: Any, indices: Sequence[int] | None = None) -> np.ndarray:
        """Features float32 of rows of the store, each of a view of its own.

        Args:
            rows: A row, or int ``(B,)``.
            indices: Of a batch the indices of its samples, as the sampler gives them.

        Returns:
            ``(D,)``, or ``(B, D)``.
        """
        view: Any = self.view
        if view == 'random':
            view = np.random.randint(self.num_views)  # noqa: NPY002
            if indices is not None:
                view = draw_for_samples(indices, self.num_views)
        return self.store.read('features', (rows, view)).astype(np.float32)
