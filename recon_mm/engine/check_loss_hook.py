"""Stops a run whose loss is not finite, and says where."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import Tensor

from recon_mm.registry import HOOKS


@HOOKS.register_module()
class CheckLossHook(Hook):
    """Stops the run at the first loss that is NaN or infinite.

    The error names iteration, loss terms, learning rate and the samples of the batch; checkpoints
    stay unchanged. On the CPU it is raised in the step itself. On a GPU losses are copied without
    waiting and checked one step later.
    """

    priority = 'VERY_LOW'

    def __init__(self) -> None:
        self._pending: tuple[Tensor, Any, int, tuple[str, ...], Any] | None = None

    def after_train_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: dict[str, Tensor] | None = None,
    ) -> None:
        """Checks the losses of the previous step, then keeps those of this one.

        Raises:
            FloatingPointError: If one is not finite.
        """
        self._check(runner)
        if not outputs:
            return
        values = torch.stack([torch.as_tensor(v).detach().float().mean() for v in outputs.values()])
        event = None
        if values.is_cuda:
            values = values.to('cpu', non_blocking=True)
            event = torch.cuda.Event()
            event.record()
        self._pending = values, event, runner.iter + 1, tuple(outputs), data_batch
        if event is None:
            self._check(runner)

    def after_train(self, runner: Runner) -> None:
        """Checks the last step."""
        self._check(runner)

    def _check(self, runner: Runner) -> None:
        if self._pending is None:
            return
        values, event, iteration, terms, data_batch = self._pending
        self._pending = None
        if event is not None:
            event.synchronize()
        if torch.isfinite(values).all():
            return
        wrapper: Any = runner.optim_wrapper
        if 0 < getattr(wrapper, 'num_skipped', 0) <= wrapper.max_skipped:
            return
        names = sample_names(data_batch, runner.train_dataloader.dataset)
        losses = ', '.join(f'{term} {value:g}' for term, value in zip(terms, values.tolist()))
        rates = sorted({group['lr'] for group in wrapper.optimizer.param_groups})
        raise FloatingPointError(
            f'the loss is not finite at iteration {iteration}: {losses}; learning rate '
            f'{", ".join(f"{rate:g}" for rate in rates)}; samples {", ".join(names) or "unknown"}. '
            'The checkpoints written before are good: resume from the last one with a lower '
            'learning rate or with optim_wrapper.clip_grad, check these samples, or skip some '
            'such steps with optim_wrapper.max_skipped'
        )


def sample_names(data_batch: Any, dataset: Any) -> list[str]:
    """The ids of the samples of a batch, if it has any."""
    if not isinstance(data_batch, dict):
        return []
    samples: Sequence[Any] = data_batch.get('data_samples') or ()
    names = [str(sample.sample_id) for sample in samples if 'sample_id' in sample]
    index = data_batch.get('sample_idx')
    if not names and index is not None:
        names = [str(dataset.get_data_info(int(i))['sample_id']) for i in index]
    return names
