"""The last step of a pipeline: arrays to what a model takes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from recon_mm.registry import TRANSFORMS
from recon_mm.structures import PointDataSample

FIELD_SOURCES = {'gt_label': 'category', 'gt_part': 'part_labels'}  # others: their own name


@TRANSFORMS.register_module()
class PackPointInputs(BaseTransform):
    """Packs ``dict(inputs=dict(...), data_samples=PointDataSample)``.

    Inputs, by key: floats become float32, integers int64; ``images`` stays uint8 and becomes
    ``(3, H, W)``. With ``collate_fn=dict(type='default_collate')`` inputs are stacked to a batch
    and data samples stay a list.

    Args:
        input_keys: What the model computes from, e.g. ``('points', 'images', 'category')``.
        data_sample_keys: The fields of the data sample: ``'gt_label'`` int64 ``(1,)`` from
            ``category``, ``'gt_part'`` int64 ``(N,)`` from ``part_labels``, any other from the
            key of its own name.
        meta_keys: Meta information of the data sample, left out where a sample has none.

    Raises:
        KeyError: If a sample lacks an input or a field.
    """

    def __init__(
        self,
        input_keys: Sequence[str] = ('points',),
        data_sample_keys: Sequence[str] = (),
        meta_keys: Sequence[str] = ('sample_id', 'sample_idx', 'split'),
    ) -> None:
        self.input_keys = tuple(input_keys)
        self.data_sample_keys = tuple(data_sample_keys)
        self.meta_keys = tuple(meta_keys)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Packs one sample."""
        inputs = {key: _input_tensor(key, _get(results, key)) for key in self.input_keys}
        sample = PointDataSample(metainfo={k: results[k] for k in self.meta_keys if k in results})
        for field in self.data_sample_keys:
            value = _tensor(_get(results, FIELD_SOURCES.get(field, field)))
            sample.set_field(torch.atleast_1d(value), field)
        return {'inputs': inputs, 'data_samples': sample}


def _get(results: dict[str, Any], key: str) -> Any:
    if key not in results:
        raise KeyError(
            f"PackPointInputs: a sample has no '{key}' (it has {sorted(results)}); add the "
            f'transform that makes it, or take the key out of the config'
        )
    return results[key]


def _tensor(value: Any) -> torch.Tensor:
    """float32 or int64, in memory of its own: a memory map must not reach the loader's queue."""
    array = np.asarray(value)
    return torch.from_numpy(np.array(array, np.float32 if array.dtype.kind == 'f' else np.int64))


def _input_tensor(key: str, value: Any) -> torch.Tensor:
    if key == 'images':
        return torch.from_numpy(np.ascontiguousarray(value.transpose(2, 0, 1)))  # (3, H, W)
    return _tensor(value)
