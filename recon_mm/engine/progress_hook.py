"""Says how far a long epoch or test is, by the clock."""

import time
from datetime import timedelta
from typing import Any

from mmengine.hooks import Hook, LoggerHook
from mmengine.runner import IterBasedTrainLoop, Runner

from recon_mm.registry import HOOKS


@HOOKS.register_module()
class ProgressHook(Hook):
    """Logs a line where the log would be silent for long.

    MMEngine's logger speaks every so many steps. An epoch shorter than that, or a test of few
    large batches, can take hours without a word. No loss is read, so no step waits for the device.

    Args:
        seconds: How long the log may be silent.
    """

    priority = 'LOW'  # after the logger

    def __init__(self, seconds: float = 30.0) -> None:
        self.seconds = seconds
        self._began = self._spoke = 0.0
        self._logs: list[int] = []

    def _before_epoch(self, runner: Runner, mode: str = 'train') -> None:
        self._began = self._spoke = time.monotonic()
        self._logs = [hook.interval for hook in runner.hooks if isinstance(hook, LoggerHook)]

    def _after_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Any = None,
        mode: str = 'train',
    ) -> None:
        now = time.monotonic()
        if any(self.every_n_inner_iters(batch_idx, interval) for interval in self._logs):
            self._spoke = now
        elif now - self._spoke >= self.seconds:
            self._spoke = now
            done, total = batch_idx + 1, self._steps(runner, mode)
            if done == total:
                return
            left = timedelta(seconds=round((now - self._began) / done * (total - done)))
            epoch = f' [{runner.epoch + 1}]' if mode == 'train' else ''
            runner.logger.info(f'Epoch({mode}){epoch} [{done}/{total}]  {left} left of it')

    @staticmethod
    def _steps(runner: Runner, mode: str) -> int:
        loop: Any = getattr(runner, f'{mode}_loop')
        return loop.max_iters if isinstance(loop, IterBasedTrainLoop) else len(loop.dataloader)
