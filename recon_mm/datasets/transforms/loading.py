"""From the paths of a sample to its arrays."""

from pathlib import Path
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from recon_mm.datasets.checks import check_file, check_points, read_npy
from recon_mm.datasets.errors import DataError
from recon_mm.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadPoints(BaseTransform):
    """Reads the cloud of ``points_path`` (``.npy``) into ``points``, float32 ``(N, 3)``.

    Args:
        min_points: The fewest points the steps after this one need.

    Raises:
        DataError: If the file is missing, truncated, no ``(N, 3)`` array, has fewer points, or
            NaN; it names the file.
    """

    def __init__(self, min_points: int = 1) -> None:
        self.min_points = min_points

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Adds ``points``."""
        path = results['points_path']
        points = read_npy(path)
        check_points(points, path, self.min_points)
        results['points'] = np.ascontiguousarray(points, dtype=np.float32)
        return results


@TRANSFORMS.register_module()
class LoadRenderedImage(BaseTransform):
    """Reads the image of ``image_path`` into ``images``, uint8 RGB ``(H, W, 3)``.

    The authors feed BGR; teachers are trained with RGB, so RGB is what they get here.

    Raises:
        DataError: If the file is missing or not an image; it names the file.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Adds ``images``."""
        import cv2  # mmcv needs it too

        path = Path(results['image_path'])
        check_file(path, f"the rendered image of sample '{results.get('sample_id')}'")
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None:
            raise DataError(
                f"'{path}' is no image that can be decoded ({path.stat().st_size} bytes), expected "
                'a whole .png file. It is probably truncated: copy it again.'
            )
        results['images'] = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        return results
