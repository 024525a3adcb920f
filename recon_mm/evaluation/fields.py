"""Reads what metrics need from the samples that a model returns."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def batch_field(data_samples: Sequence[dict], name: str, device: str | None = 'cpu') -> Tensor:
    """One field of all samples of a batch, moved to the CPU in one transfer.

    Args:
        data_samples: Samples as dictionaries, as MMEngine's evaluator gives them.
        name: The field, a tensor of the same shape in each sample.
        device: Target device; ``None`` leaves it where it is.

    Returns:
        ``(B, *field)``.

    Raises:
        KeyError: If a sample lacks the field.
        ValueError: If the shapes differ.
    """
    values = [batch_item(sample, name) for sample in data_samples]
    shapes = {tuple(value.shape) for value in values}
    if len(shapes) > 1:
        raise ValueError(
            f"'{name}' differs in shape between the samples of a batch: {sorted(shapes)}; test "
            'with batch_size=1, or with the same number of points in every cloud'
        )
    stacked = torch.stack(values)
    return stacked if device is None else stacked.to(device)


def batch_item(sample: dict, name: str) -> Any:
    """One field of one sample.

    Raises:
        KeyError: If it is missing; the message says where it comes from.
    """
    if name not in sample:
        raise KeyError(
            f"a sample has no '{name}' (it has {sorted(sample)}): ground truth and 'split' come "
            'from PackPointInputs (data_sample_keys, meta_keys), predictions from the model'
        )
    return sample[name]


def splits(data_samples: Sequence[dict]) -> list[str]:
    """The split of each sample, ``'train'`` or ``'test'``."""
    return [batch_item(sample, 'split') for sample in data_samples]


def class_names(dataset_meta: dict | None, num_classes: int) -> list[str]:
    """Names of the classes for a table; their numbers where the data set has no names."""
    names = list((dataset_meta or {}).get('classes') or [])
    return names + [str(i) for i in range(len(names), num_classes)]
