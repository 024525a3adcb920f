"""From collated samples to a batch on the device: stack, move, augment all clouds at once."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from recon_mm.registry import MODELS


@MODELS.register_module()
class PointDataPreprocessor(BaseDataPreprocessor):
    """Moves ``inputs`` to the device and applies batch transforms to its clouds.

    Ground truth in ``data_samples`` stays on the CPU: a head that needs a field stacks it and
    moves it in one transfer.

    Args:
        train_transforms: Batch transforms ``(B, N, 3) -> (B, M, 3)`` in training.
        test_transforms: The same in validation and test.
        non_blocking: Whether pinned memory is copied asynchronously.
    """

    def __init__(
        self,
        train_transforms: Sequence[dict] = (),
        test_transforms: Sequence[dict] = (),
        non_blocking: bool = True,
    ) -> None:
        super().__init__(non_blocking)
        self.train_transforms = [MODELS.build(cfg) for cfg in train_transforms]
        self.test_transforms = [MODELS.build(cfg) for cfg in test_transforms]

    @torch.no_grad()
    def forward(self, data: dict, training: bool = False) -> dict:
        """One batch.

        Args:
            data: ``inputs``, a dictionary of stacked tensors or of lists of tensors, with
                ``points`` ``(B, N, 3)``; ``data_samples`` or nothing.
            training: Selects the transforms.

        Raises:
            ValueError: If the clouds of a list differ in size.
        """
        inputs = {key: self._stack(key, value) for key, value in data['inputs'].items()}
        inputs = self.cast_data(inputs)
        assert isinstance(inputs, dict)
        points = inputs['points'].float()
        for transform in self.train_transforms if training else self.test_transforms:
            points = transform(points)
        inputs['points'] = points
        return dict(inputs=inputs, data_samples=data.get('data_samples'))

    @staticmethod
    def _stack(key: str, value: Tensor | Sequence[Tensor]) -> Tensor:
        if isinstance(value, Tensor):
            return value
        shapes = {tuple(item.shape) for item in value}
        if len(shapes) > 1:
            raise ValueError(
                f"inputs['{key}'] of one batch have different shapes {sorted(shapes)}; "
                'add SamplePoints to the pipeline so that all clouds have the same number'
            )
        return torch.stack(tuple(value))
