"""From the paths of a sample to its arrays."""

from pathlib import Path
from typing import Any

from mmcv.transforms import BaseTransform

from recon_mm.datasets.checks import PATCH, check_points
from recon_mm.datasets.readers import read_cloud, read_image
from recon_mm.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadPoints(BaseTransform):
    """Reads the cloud of ``points_path`` into ``points``, float32 ``(N, 3)``.

    The file is ``.npy``, or another kind that :func:`read_cloud` names.

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
        path = results['points_path']
        distinct = min(max(2, self.min_points), PATCH)
        results['points'] = check_points(
            read_cloud(path), path, self.min_points, min_distinct=distinct
        )
        return results


@TRANSFORMS.register_module()
class LoadRenderedImage(BaseTransform):
    """Reads the image of ``image_path`` into ``images``, uint8 RGB ``(H, W, 3)``.

    The authors feed BGR; teachers are trained with RGB, so RGB is what they get here.

    Raises:
        DataError: If the file is missing, no complete PNG or JPEG image, or of more than 64
            megapixels; it names the file.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Adds ``images``."""
        what = f"the rendered image of sample '{results.get('sample_id')}'"
        results['images'] = read_image(Path(results['image_path']), what)
        return results
