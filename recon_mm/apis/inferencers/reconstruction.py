"""What a pretrained model reconstructs of clouds from a part of their patches."""

from typing import Any

import numpy as np
import torch

from recon_mm.models import ReCon
from recon_mm.ops import chamfer_distance
from recon_mm.registry import INFERENCERS
from recon_mm.visualization import ColoredCloud, reconstruction_clouds

from .base import CloudInferencer, short_title, to_numpy
from .preparation import Batch


@INFERENCERS.register_module()
class ReconstructionInferencer(CloudInferencer):
    """Masks patches of clouds and reconstructs them.

    Results, in the coordinates of the input: ``visible`` ``(V, 3)``, the points of the patches
    that the model saw; ``masked`` ``(P, 3)``, the points of the others; ``predicted`` ``(P, 3)``,
    the points predicted for these; ``chamfer``, the Chamfer distance (squared distances, both
    ways) of the last two in clouds of radius 1.

    Args:
        model: As in :class:`CloudInferencer`; a pretraining config.
        weights: Weights that were trained with it: without the decoder they are refused.
        seed: Decides the masks of a batch.
        **kwargs: Those of :class:`CloudInferencer`.

    Raises:
        ValueError: If the model has no decoder.
    """

    needed_parts = ('neck.', 'reconstruction_head.')

    def __init__(self, model: Any, weights: Any = None, seed: int = 0, **kwargs: Any) -> None:
        super().__init__(model, weights, **kwargs)
        if not isinstance(self.model, ReCon) or self.model.reconstruction_head is None:
            raise ValueError(
                f'{type(self.model).__name__} of this config has no decoder: use a pretraining '
                'config that reconstructs'
            )
        self.seed = seed

    def infer(self, batch: Batch) -> list[dict[str, Any]]:
        """Visible, masked and predicted points of each cloud."""
        with torch.random.fork_rng(devices=[self.device] if self.device.type == 'cuda' else []):
            torch.manual_seed(self.seed)
            found = self.model.reconstruct_clouds(batch.points)
        chamfer = [
            chamfer_distance(predicted[None], masked[None], 'l2')
            for predicted, masked in zip(found['predicted'], found['masked'])
        ]
        results = to_numpy(**{name: batch.restore(found[name]) for name in found})
        return [{**each, 'chamfer': float(value)} for each, value in zip(results, chamfer)]

    def draw(self, result: dict[str, Any]) -> list[ColoredCloud]:
        """Input, masked truth, reconstruction and error, of the cloud with radius 1."""
        center = result['points'].mean(0)
        radius = np.linalg.norm(result['points'] - center, axis=1).max()
        names = ('points', 'visible', 'masked', 'predicted')
        clouds = [self.upright((result[name] - center) / radius) for name in names]
        return reconstruction_clouds(*clouds, title=short_title(result['name']))
