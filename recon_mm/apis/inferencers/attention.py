"""Which places of clouds the global tokens of a model read."""

from typing import Any

import numpy as np

from recon_mm.registry import INFERENCERS
from recon_mm.visualization import ColoredCloud, attention_clouds, read_attention, token_names

from .base import CloudInferencer, short_title, to_numpy
from .preparation import Batch


@INFERENCERS.register_module()
class AttentionInferencer(CloudInferencer):
    """Reads the attention of the global tokens, from any model of this package.

    Results: ``attention`` ``(T, G)``, the mean over the heads, of sum 1 over the patches;
    ``center`` ``(G, 3)``, where the patches are in the coordinates of the input; ``tokens``, the
    names of the T tokens.

    Args:
        model: As in :class:`CloudInferencer`.
        weights: As in :class:`CloudInferencer`.
        block: Which block, negative from the end.
        **kwargs: Those of :class:`CloudInferencer`.
    """

    def __init__(self, model: Any, weights: Any = None, block: int = -1, **kwargs: Any) -> None:
        super().__init__(model, weights, **kwargs)
        self.block = block

    def infer(self, batch: Batch) -> list[dict[str, Any]]:
        """Attention of each cloud."""
        backbone = self.model.backbone
        attention, features = read_attention(backbone, batch.points, self.block)
        arrays = to_numpy(attention=attention, center=batch.restore(features.center))
        return [{**each, 'tokens': token_names(backbone)} for each in arrays]

    def draw(self, result: dict[str, Any]) -> list[ColoredCloud]:
        """The cloud, and one picture for each token."""
        points, center = (self.upright(np.asarray(result[key])) for key in ('points', 'center'))
        title = short_title(result['name'])
        return attention_clouds(points, center, result['attention'], result['tokens'], title)
