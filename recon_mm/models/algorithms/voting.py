"""Test-time augmentation: several augmented views of each cloud vote for its class."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import BaseTTAModel
from torch import Tensor, nn

from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample


@MODELS.register_module()
class VotingTTA(BaseTTAModel):
    """Averages the logits of several views of each cloud.

    Views are drawn on the device, a full batch at a time. They come from torch's default
    generator: a seeded run is reproducible, and a different seed gives a different vote. One vote
    is one test; report the mean and spread over seeds (:class:`SeededTestLoop`), never the best of
    many, which would fit the draw to the test set.

    Args:
        module: Config of the model, or the model.
        vote_transforms: Batch transforms that are drawn again for each view, e.g.
            ``BatchRandomSample`` and ``BatchRandomScale``.
        shared_transforms: Batch transforms before them, applied once: the furthest points that
            each view draws from.
        num_votes: Number of views.
        data_preprocessor: Config of the model's own preprocessor, if its config has none; its
            test transforms are not used here.

    Example:
        >>> tta_model = dict(
        ...     type='VotingTTA',
        ...     shared_transforms=[dict(type='BatchFurthestPointSample', num_points=1200)],
        ...     vote_transforms=[
        ...         dict(type='BatchRandomSample', num_points=1024),
        ...         dict(type='BatchRandomScale'),
        ...     ],
        ... )
    """

    module: Any  # a classifier: it has a head

    def __init__(
        self,
        module: dict | nn.Module,
        vote_transforms: Sequence[dict],
        shared_transforms: Sequence[dict] = (),
        num_votes: int = 10,
        data_preprocessor: dict | None = None,
    ) -> None:
        super().__init__(module, data_preprocessor)
        self.data_preprocessor = MODELS.build(
            dict(type='recon_mm.PointDataPreprocessor', test_transforms=shared_transforms)
        )
        self.vote_transforms = [MODELS.build(cfg) for cfg in vote_transforms]
        self.num_votes = num_votes

    def test_step(self, data: dict) -> list[PointDataSample]:
        """Votes on one batch.

        Args:
            data: A collated batch, as for the model alone.

        Returns:
            Its samples with the predictions of the averaged logits.
        """
        batch: dict[str, Any] = self.data_preprocessor(data, False)
        inputs = batch['inputs']
        logits = [self.module(self._view(inputs), mode='tensor') for _ in range(self.num_votes)]
        return self.merge_preds(logits, batch['data_samples'])

    def merge_preds(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, logits: list[Tensor], data_samples: list[PointDataSample] | None = None
    ) -> list[PointDataSample]:
        """Samples with the predictions of averaged logits, each of shape ``(B, classes)``.

        MMEngine's signature takes samples of every view; they would carry scores, not logits.
        """
        average = torch.stack([view.float() for view in logits]).mean(0)
        return self.module.head.predict(average, data_samples)

    def _view(self, inputs: dict[str, Tensor]) -> dict[str, Tensor]:
        points = inputs['points']
        for transform in self.vote_transforms:
            points = transform(points)
        return {**inputs, 'points': points}
