"""Steps on the points of one sample, for sets whose shapes have different numbers of points."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from recon_mm.registry import TRANSFORMS


@TRANSFORMS.register_module()
class SamplePoints(BaseTransform):
    """Draws ``num_points`` points of a cloud, and the same rows of its per-point labels.

    Without repetition where the cloud has enough points; of a smaller cloud all points are kept
    and the rest drawn again from them.

    Args:
        num_points: How many points each cloud gets.
        keys: The per-point arrays, ``(N, ...)``; those a sample does not have are passed over.
        shuffle: Whether to draw at random (numpy's global state, which MMEngine seeds). If not,
            the choice is the same at every call, as a test set needs it: rows spread evenly over
            the file, repeated from the start where there are too few.
    """

    def __init__(
        self, num_points: int, keys: Sequence[str] = ('points', 'part_labels'), shuffle: bool = True
    ) -> None:
        self.num_points = num_points
        self.keys = tuple(keys)
        self.shuffle = shuffle

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Selects rows of every key."""
        index = self._choose(len(results[self.keys[0]]))
        for key in self.keys:
            if key in results:
                results[key] = results[key][index]
        return results

    def _choose(self, total: int) -> np.ndarray:
        if not self.shuffle:
            if total < self.num_points:
                return np.arange(self.num_points) % total
            return np.arange(self.num_points) * total // self.num_points
        if total >= self.num_points:
            return np.random.permutation(total)[: self.num_points]  # noqa: NPY002
        again = np.random.randint(0, total, self.num_points - total)  # noqa: NPY002
        return np.concatenate([np.arange(total), again])


@TRANSFORMS.register_module()
class NormalizePoints(BaseTransform):
    """Moves the mean of a cloud to the origin and its largest radius to 1.

    A cloud of one repeated point has no radius; it ends at the origin.
    """

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Replaces ``points``; columns after x y z stay as they are."""
        points = np.array(results['points'], dtype=np.float32)
        xyz = points[:, :3]
        xyz -= xyz.mean(axis=0)
        radius = np.sqrt(np.square(xyz).sum(axis=1).max())
        if radius > 0:
            xyz /= radius
        results['points'] = points
        return results
