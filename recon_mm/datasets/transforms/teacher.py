"""Features of the frozen image teacher, read from disk instead of computed in the step."""

from typing import Any, Literal

import numpy as np
from mmcv.transforms import BaseTransform

from recon_mm.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadTeacherFeatures(BaseTransform):
    """Reads ``image_features``, float32 ``(D,)``, of the sample ``sample_id``.

    Replaces LoadRenderedImage and AugmentImage when training from a cache. The cache is checked
    here, at once, and memory-mapped by each worker at its first sample.

    Args:
        path: The folder that ``tools/cache_teacher_features.py`` wrote.
        view: Which of the stored augmented views: ``'random'``, or its index.
        expect: What the cache must have been made from (see ``TeacherFeatureCache``).

    Raises:
        FileNotFoundError: If there is no cache.
        ValueError: If it is incomplete or made from something else than ``expect``.
        KeyError: If a sample is not in it.
    """

    def __init__(
        self, path: str, view: Literal['random'] | int = 'random', expect: dict | None = None
    ) -> None:
        from recon_mm.models.teachers.cache import TeacherFeatureCache

        if view != 'random' and not isinstance(view, int):
            raise ValueError(f"view={view!r}, expected 'random' or the index of a view")
        self.view = view
        self.cache = TeacherFeatureCache(path, expect)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Adds ``image_features``."""
        view = self.view
        if view == 'random':
            view = int(np.random.randint(self.cache.num_views))  # noqa: NPY002
        feature = self.cache.read(results['sample_id'], int(view))
        results['image_features'] = np.asarray(feature, dtype=np.float32)
        return results
