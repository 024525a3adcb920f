"""Features of clouds: one vector each, one per patch, or one per point."""

from typing import Any, Literal, get_args

import numpy as np

from recon_mm.ops import three_interpolate
from recon_mm.registry import INFERENCERS
from recon_mm.visualization import ColoredCloud

from .base import CloudInferencer, short_title, to_numpy
from .preparation import Batch

Level = Literal['global', 'patch', 'point']


@INFERENCERS.register_module()
class FeatureInferencer(CloudInferencer):
    """Features of clouds, from any model of this package.

    Results, with C the width of the tokens:

    - ``'global'``: ``feature`` ``(2C,)``, what the linear SVM reads, and ``global_tokens``
      ``(T, C)``;
    - ``'patch'``: ``patch_tokens`` ``(G, C)`` and ``center`` ``(G, 3)``, where they are in the
      coordinates of the input;
    - ``'point'``: ``points`` ``(N, 3)``, those of the input, and ``point_features`` ``(N, C)``,
      interpolated from the three nearest patches.

    Args:
        model: As in :class:`CloudInferencer`.
        weights: As in :class:`CloudInferencer`.
        level: What gets features.
        **kwargs: Those of :class:`CloudInferencer`.

    Example:
        >>> infer = FeatureInferencer('recon/pretrain_shapenet', 'recon.pth')
        >>> infer(['chair.ply', 'lamp.npy'])['predictions'][0]['feature'].shape
        (768,)
    """

    def __init__(
        self, model: Any, weights: Any = None, level: Level = 'global', **kwargs: Any
    ) -> None:
        if level not in get_args(Level):
            raise ValueError(f'level is {level!r}, expected one of {get_args(Level)}')
        super().__init__(model, weights, **kwargs)
        self.level = level

    def infer(self, batch: Batch) -> list[dict[str, Any]]:
        """Features of the level."""
        features = self.model.extract_feat(batch.points)
        if self.level == 'global':
            return to_numpy(
                feature=features.probing_feature(), global_tokens=features.global_tokens
            )
        if self.level == 'patch':
            center = batch.restore(features.center)
            return to_numpy(patch_tokens=features.patch_tokens, center=center)
        results = []
        for i, points in enumerate(batch.normalized_clouds()):
            center, tokens = features.center[i : i + 1], features.patch_tokens[i : i + 1]
            values = three_interpolate(points[None], center, tokens)
            results += to_numpy(points=batch.clouds[i][None], point_features=values)
        return results

    def draw(self, result: dict[str, Any]) -> list[ColoredCloud]:
        """The cloud; of the level ``'point'`` colored by the main directions of the features."""
        if 'point_features' not in result:
            return super().draw(result)
        colors = principal_colors(result['point_features'])
        title = f'{short_title(result["name"])}: PCA of features'
        return [ColoredCloud(self.upright(result['points']), colors, title)]


def principal_colors(features: np.ndarray) -> np.ndarray:
    """Colors uint8 ``(N, 3)`` of features ``(N, C)``: similar features, similar colors."""
    centered = features - features.mean(0)
    _, directions = np.linalg.eigh(centered.T @ centered)  # of ascending variance
    values = centered @ directions[:, :-4:-1]  # (N, 3)
    low, high = np.percentile(values, (1, 99), axis=0)
    shares = (values - low) / np.maximum(high - low, 1e-12)
    return np.round(255 * np.clip(shares, 0, 1)).astype(np.uint8)
