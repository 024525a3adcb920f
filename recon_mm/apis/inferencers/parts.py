"""The part of every point of a shape."""

from typing import Any

import torch

from recon_mm.datasets.palettes import distinct_colors
from recon_mm.models import PartSegmentor
from recon_mm.ops import knn
from recon_mm.registry import INFERENCERS
from recon_mm.visualization import ColoredCloud, part_clouds

from .base import CloudInferencer, short_title
from .preparation import Batch


@INFERENCERS.register_module()
class PartInferencer(CloudInferencer):
    """Segments shapes into their parts.

    The model sees as many points as in training; every other point gets the part of the nearest
    of them. Results: ``points`` ``(N, 3)`` and ``parts`` int64 ``(N,)``, the label of each;
    ``category``.

    Args:
        model: As in :class:`CloudInferencer`; a part segmentation config.
        weights: Weights that were trained with it: without its head they are refused.
        category: What the shapes are, a name or its number: the model needs to know.
        **kwargs: Those of :class:`CloudInferencer`.

    Raises:
        ValueError: If the config is for a different task, or the category is not known.
    """

    needed_parts = ('head.', 'neck.')

    def __init__(
        self, model: Any, weights: Any = None, category: str | int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(model, weights, **kwargs)
        mask = self.model.head.part_mask if isinstance(self.model, PartSegmentor) else None
        if mask is None:
            raise ValueError(
                f'{type(self.model).__name__} of this config does not segment shapes into parts: '
                'use a part segmentation config'
            )
        names = list(self.dataset_meta.get('classes') or ())
        self.categories = names if len(names) == len(mask) else [str(i) for i in range(len(mask))]
        lowered = [name.lower() for name in self.categories]
        if isinstance(category, str) and category.lower() in lowered:
            category = lowered.index(category.lower())
        if not isinstance(category, int) or not 0 <= category < len(mask):
            raise ValueError(
                f'the category is {category!r}, expected one of {", ".join(self.categories)}'
            )
        self.category = category

    def infer(self, batch: Batch) -> list[dict[str, Any]]:
        """The part of every point."""
        category = torch.full((len(batch.points),), self.category, device=self.device)
        samples = self.model.predict({'points': batch.points, 'category': category})
        results = []
        for cloud, rows, sample in zip(batch.clouds, batch.index, samples):
            nearest = knn(cloud[None], cloud[rows][None], 1)[0, :, 0]  # (N,)
            parts = sample.pred_part[nearest].cpu().numpy()
            results.append(
                {
                    'points': cloud.cpu().numpy(),
                    'parts': parts,
                    'category': self.categories[self.category],
                }
            )
        return results

    def draw(self, result: dict[str, Any]) -> list[ColoredCloud]:
        """The shape in the colors of its parts."""
        count = self.model.head.num_classes
        names = self.dataset_meta.get('part_names') or [f'part {i}' for i in range(count)]
        palette = self.dataset_meta.get('palette') or distinct_colors(count)
        points, title = self.upright(result['points']), short_title(result['name'])
        return part_clouds(points, result['parts'], names=names, palette=palette, title=title)
