"""The sample that travels with a point cloud through a model and into a metric."""

from collections.abc import Sequence

import torch
from mmengine.structures import BaseDataElement


class PointDataSample(BaseDataElement):
    """Ground truth, predictions and meta information of one point cloud.

    Fields in use, each present only where its task needs it:

    - ``gt_label``, ``pred_label``: int64 ``(1,)``; ``pred_score``: float ``(num_classes,)``.
    - ``gt_part``, ``pred_part``: int64 ``(N,)``, the part (or scene class) of every point.
    - ``feature``, ``zeroshot_feature``: float ``(D,)``.

    Meta information: ``sample_id`` (which file), ``split``.

    Example:
        >>> sample = PointDataSample(metainfo=dict(sample_id='chair-7'))
        >>> sample.gt_label = torch.tensor([3])
    """


def samples_for(
    data_samples: list[PointDataSample] | None, batch: torch.Tensor
) -> list[PointDataSample]:
    """The samples of a batch; new ones if it came without."""
    return [PointDataSample() for _ in batch] if data_samples is None else data_samples


def stack_field(
    data_samples: Sequence[PointDataSample], name: str, device: torch.device | str
) -> torch.Tensor:
    """Stacks one field of all samples on the CPU, then moves it to ``device`` in one transfer.

    Args:
        data_samples: The B samples of a batch.
        name: The field, a tensor of the same shape in each sample.
        device: Where the model computes.

    Returns:
        ``(B, *field)``.

    Raises:
        KeyError: If a sample lacks the field.
    """
    missing = [i for i, sample in enumerate(data_samples) if name not in sample]
    if missing:
        raise KeyError(
            f"data sample {missing[0]} has no '{name}' (it has {data_samples[missing[0]].keys()}); "
            f"add '{name}' to PackPointInputs' data_sample_keys in the pipeline"
        )
    stacked = torch.stack([sample.get(name) for sample in data_samples])
    return stacked.to(device, non_blocking=True)
