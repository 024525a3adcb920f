"""From the paths of a sample to its arrays."""

from pathlib import Path
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from recon_mm.datasets.checks import PATCH, check_points
from recon_mm.datasets.readers import read_image, read_npy
from recon_mm.datasets.shape_files import read_shape
from recon_mm.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadPoints(BaseTransform):
    """Reads the cloud of ``points_path`` into ``points``, float32 ``(N, 3)``.

    The file is ``.npy``, or of another kind that :func:`read_shape` reads.

    A sample that comes with its ``points`` is checked only.

    Args:
        min_points: The fewest points the steps after this one need. As many must differ, up to the
            32 of a patch: to count more would take longer than to read the file.

    Raises:
        DataError: If the file is missing, truncated, no ``(N, 3)`` array, has fewer points, NaN or
            coordinates beyond 1e15; it names the file.
    """

    def __init__(self, min_points: int = 1) -> None:
        self.min_points = min_points

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Adds ``points``."""
        path = results.get('points_path') or results.get('sample_id', 'a sample')
        points = read_points(path) if 'points_path' in results else results['points']
        distinct = min(max(2, self.min_points), PATCH)
        results['points'] = check_points(points, path, self.min_points, min_distinct=distinct)
        return results


def read_points(path: str) -> np.ndarray:
    """The points ``(N, 3 or more)`` of a file of one cloud."""
    return read_npy(path) if path.endswith('.npy') else read_shape(path).points


@TRANSFORMS.register_module()
class LoadRenderedImage(BaseTransform):
    """Reads the image of ``image_path`` into ``images``, uint8 RGB ``(H, W, 3)``.

    Of a sample with several, ``image_paths``, one is drawn at random (numpy's global state).

    The authors feed BGR; teachers are trained with RGB, so RGB is what they get here.

    Raises:
        DataError: If the file is missing, no complete PNG or JPEG image, or of more than 64
            megapixels; it names the file.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Adds ``images``."""
        what = f"the rendered image of sample '{results.get('sample_id')}'"
        if 'image_paths' in results:
            paths = results['image_paths']
            results['image_path'] = paths[np.random.randint(len(paths))]  # noqa: NPY002
        results['images'] = read_image(Path(results['image_path']), what)
        return results
