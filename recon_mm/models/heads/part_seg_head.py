"""Segmentation: features of points and of their cloud to a class of every point."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample, samples_for, stack_field

from ..layers import JoinedLinear, SyncBatchNorm, init_linear_truncated


@MODELS.register_module()
class PartSegHead(BaseModule):
    """Three layers on [point feature, cloud feature, category] (paper section 5.2).

    Args:
        embed_dims: Token width C.
        num_levels: Number of blocks whose tokens the cloud feature joins.
        point_dims: Width of the point features, the neck's ``out_dims``.
        num_classes: Number of parts, or of scene classes.
        parts_per_category: How many parts each category has, in the order of the part labels
            (ShapeNetPart: 4, 2, 2, 4...). The category then enters the features, and a prediction
            is restricted to its parts. ``None``: there is no category (scenes).
        init_cfg: MMEngine's initialization config.
    """

    part_mask: Tensor | None

    def __init__(
        self,
        embed_dims: int = 384,
        num_levels: int = 3,
        point_dims: int = 1024,
        num_classes: int = 50,
        parts_per_category: Sequence[int] | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.num_classes = num_classes
        mask, cloud_dims = None, (2 * num_levels + 1) * embed_dims
        if parts_per_category is not None:
            mask = _part_mask(parts_per_category, num_classes)
            self.label_fc = nn.Linear(len(mask), 64, bias=False)
            self.label_norm = SyncBatchNorm(64)
            cloud_dims += 64
        self.register_buffer('part_mask', mask, persistent=False)
        self.fc1 = JoinedLinear(point_dims, cloud_dims, 512)
        self.norm1 = SyncBatchNorm(512)
        self.dropout = nn.Dropout(0.5)
        self.fc2 = nn.Linear(512, 256)
        self.norm2 = SyncBatchNorm(256)
        self.fc3 = nn.Linear(256, num_classes)
        init_linear_truncated(self)

    def forward(self, points: Tensor, cloud: Tensor, category: Tensor | None = None) -> Tensor:
        """Logits of every point.

        Args:
            points: ``(B, N, point_dims)``.
            cloud: ``(B, (2 * num_levels + 1) * C)``: maximum and mean of the patch tokens, maximum
                of the global tokens.
            category: int64 ``(B,)``, where there are categories.

        Returns:
            ``(B, N, num_classes)``.
        """
        if self.part_mask is not None:
            # The layer on a one-hot vector is a column of its weight.
            label = F.embedding(self._check(category), self.label_fc.weight.T)
            label = F.leaky_relu(self.label_norm(label), 0.2)  # (B, 64)
            cloud = torch.cat([cloud, label], dim=1)
        hidden = F.relu(self.norm1(self.fc1(points, cloud)))  # (B, N, 512)
        return self.fc3(F.relu(self.norm2(self.fc2(self.dropout(hidden)))))

    def loss(
        self, logits: Tensor, data_samples: Sequence[PointDataSample] | None
    ) -> dict[str, Tensor]:
        """Cross entropy with ``gt_part`` and the accuracy in percent; label -100 is left out.

        Raises:
            ValueError: If the number of labels differs from the number of points.
        """
        target = stack_field(data_samples or (), 'gt_part', logits.device)  # (B, N)
        if target.shape != logits.shape[:2]:
            raise ValueError(
                f'{tuple(target.shape)} part labels for {tuple(logits.shape[:2])} points: batch '
                "transforms that select points do not select labels; use the pipeline's "
                'SamplePoints'
            )
        hits = logits.argmax(2) == target
        loss = F.cross_entropy(logits.flatten(0, 1), target.flatten())
        return dict(loss=loss, accuracy=100 * hits.float().mean())

    def predict(
        self,
        logits: Tensor,
        category: Tensor | None = None,
        data_samples: list[PointDataSample] | None = None,
    ) -> list[PointDataSample]:
        """Samples with ``pred_part`` int64 ``(N,)``, only parts of the given category."""
        data_samples = samples_for(data_samples, logits)
        if self.part_mask is not None:
            allowed = self.part_mask[self._check(category)][:, None]  # (B, 1, num_classes)
            logits = logits.masked_fill(~allowed, float('-inf'))
        for sample, label in zip(data_samples, logits.argmax(2)):
            sample.set_field(label, 'pred_part')
        return data_samples

    def _check(self, category: Tensor | None) -> Tensor:
        if category is None:
            raise ValueError(
                "this head needs inputs['category']: add 'category' to input_keys of "
                'PackPointInputs in the pipeline'
            )
        return category


def _part_mask(parts_per_category: Sequence[int], num_classes: int) -> Tensor:
    """Bool ``(categories, num_classes)``: which parts each category has."""
    if sum(parts_per_category) != num_classes:
        raise ValueError(
            f'parts_per_category adds up to {sum(parts_per_category)}, expected '
            f'num_classes={num_classes}'
        )
    owner = torch.arange(len(parts_per_category)).repeat_interleave(
        torch.tensor(tuple(parts_per_category))
    )
    return owner == torch.arange(len(parts_per_category))[:, None]
