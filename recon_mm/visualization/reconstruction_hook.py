"""Pictures of what the network reconstructs, while it is being pretrained."""

from __future__ import annotations

from typing import Any

import torch
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from recon_mm.models.checkpoint import unwrap_model
from recon_mm.registry import HOOKS

from .reconstruction import reconstructed_rows
from .visualizer import PointCloudVisualizer


@HOOKS.register_module()
class ReconstructionPicturesHook(Hook):
    """Sends reconstructions to every backend of the run's visualizer, every few epochs.

    The clouds are the first of the first batch and the masks are drawn from the same seed each
    time, so that pictures of different epochs compare. The training is the same with and without:
    the hook leaves the random state as it was, and the model in training mode.

    Args:
        interval: After every how many epochs.
        num: How many clouds, one row each.
        seed: Decides the masks.

    Raises:
        TypeError: If the run's visualizer is not a :class:`PointCloudVisualizer`.
    """

    priority = 'LOW'

    def __init__(self, interval: int = 10, num: int = 4, seed: int = 0) -> None:
        self.interval = interval
        self.num = num
        self.seed = seed
        self._points: Tensor | None = None

    def before_run(self, runner: Runner) -> None:
        """Looks whether there is something to draw with."""
        if not isinstance(runner.visualizer, PointCloudVisualizer):
            raise TypeError(
                'ReconstructionPicturesHook draws with a PointCloudVisualizer; the config has a '
                f"{type(runner.visualizer).__name__}: set visualizer.type='PointCloudVisualizer'"
            )

    @master_only
    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any | None = None
    ) -> None:
        """Keeps the clouds of the first batch."""
        if self._points is None and data_batch is not None:
            self._points = torch.stack(list(data_batch['inputs']['points'][: self.num])).clone()

    @master_only
    def after_train_epoch(self, runner: Runner) -> None:
        """Draws, if it is time."""
        if self._points is None or not self.every_n_epochs(runner, self.interval):
            return
        model = unwrap_model(runner.model)
        device = next(model.parameters()).device
        devices = [device] if device.type == 'cuda' else []
        model.eval()
        with torch.random.fork_rng(devices):
            torch.manual_seed(self.seed)
            data = model.data_preprocessor({'inputs': {'points': self._points}}, training=False)
            rows = reconstructed_rows(model, data['inputs']['points'])
        model.train()
        visualizer = runner.visualizer
        assert isinstance(visualizer, PointCloudVisualizer)
        visualizer.add_clouds('reconstruction', rows, runner.epoch + 1)
