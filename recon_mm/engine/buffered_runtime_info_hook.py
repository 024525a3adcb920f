"""Logs losses without waiting for the device in every step."""

import torch
from mmengine.hooks import LoggerHook, RuntimeInfoHook
from mmengine.runner import Runner
from torch import Tensor

from recon_mm.registry import HOOKS


@HOOKS.register_module()
class BufferedRuntimeInfoHook(RuntimeInfoHook):
    """MMEngine's hook, which reads each loss in each step, changed to read them in bulk.

    A read waits until the device has finished the step, and the host cannot prepare the next one
    meanwhile. Here losses stay on the device until the logger is about to print, or the epoch
    ends; one transfer then reads those of all steps. The log is the same.
    """

    def __init__(self) -> None:
        self._names: tuple[str, ...] = ()
        self._steps: list[Tensor] = []

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | tuple | list | None = None,
        outputs: dict[str, Tensor] | None = None,
    ) -> None:
        """Keeps the losses of a step; passes them on when they are about to be read."""
        if outputs:
            if tuple(outputs) != self._names:
                self._flush(runner)
                self._names = tuple(outputs)
            values = [torch.as_tensor(value).detach().reshape(()) for value in outputs.values()]
            self._steps.append(torch.stack([value.float() for value in values]))
        read_next = [hook.interval for hook in runner.hooks if isinstance(hook, LoggerHook)]
        if self.end_of_epoch(runner.train_dataloader, batch_idx) or any(
            self.every_n_inner_iters(batch_idx, interval) for interval in read_next
        ):
            self._flush(runner)

    def after_train_epoch(self, runner: Runner) -> None:
        """Passes on the rest, before a checkpoint is written."""
        self._flush(runner)

    def after_train(self, runner: Runner) -> None:
        """The same for iteration-based training."""
        self._flush(runner)

    def _flush(self, runner: Runner) -> None:
        if not self._steps:
            return
        for step in torch.stack(self._steps).tolist():  # one transfer
            for name, value in zip(self._names, step):
                runner.message_hub.update_scalar(f'train/{name}', value)
        self._steps = []
