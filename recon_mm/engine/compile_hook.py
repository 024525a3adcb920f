"""Compiles the model's loss for training; everything else runs uncompiled."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner

from recon_mm.registry import HOOKS


@HOOKS.register_module()
class CompileHook(Hook):
    """``torch.compile`` of the parts of a training step that are tensors in, tensors out.

    MMEngine's ``compile=True`` compiles the whole ``train_step``, including the optimizer wrapper,
    the log and the sample names of each batch, which break the graph and trigger a new compilation
    for every batch. Here one graph holds the loss of a batch, from clouds to scalars (sampling,
    neighbors and Chamfer are operators within it), and its backward pass is one graph, too.
    Anything that would break that graph is an error, not a slower run.

    The compiled loss is used in training only: validation, checkpoints, EMA copies and the exchange
    between processes see the model that the config describes. Batches must be of one
    size (``drop_last=True``).

    Args:
        targets: Methods of the model to compile, as ``'loss'`` or ``'backbone.forward'``.
        **options: Those of ``torch.compile``: ``mode='reduce-overhead'`` records CUDA graphs,
            ``backend='aot_eager'`` compiles nothing and helps to find graph breaks.

    Example:
        >>> custom_hooks = [dict(type='CompileHook', mode='reduce-overhead')]
    """

    priority = 'LOW'  # after hooks that prepare the model

    def __init__(self, targets: Sequence[str] = ('loss',), **options: Any) -> None:
        self.targets = tuple(targets)
        self.options = {'fullgraph': True, 'dynamic': False, **options}
        self._compiled: dict[str, Any] = {}

    def before_train(self, runner: Runner) -> None:
        """Compiles (lazily, at the first batch)."""
        runner.logger.info('compiled at the first batch, which takes minutes: %s', self.targets)
        self._compiled = {}
        for target in self.targets:
            owner, name = self._owner(runner, target)
            self._compiled[target] = torch.compile(getattr(owner, name), **self.options)
        self._install(runner)

    def before_val_epoch(self, runner: Runner) -> None:
        """Evaluation runs uncompiled."""
        self._remove(runner)

    def after_val_epoch(self, runner: Runner, metrics: dict[str, float] | None = None) -> None:
        """Back to training."""
        if self._compiled:
            self._install(runner)

    def after_train(self, runner: Runner) -> None:
        """Restores the model."""
        self._remove(runner)
        self._compiled = {}

    def _install(self, runner: Runner) -> None:
        for target, compiled in self._compiled.items():
            owner, name = self._owner(runner, target)
            owner.__dict__[name] = compiled  # shadows the method of the class

    def _remove(self, runner: Runner) -> None:
        for target in self._compiled:
            owner, name = self._owner(runner, target)
            owner.__dict__.pop(name, None)

    @staticmethod
    def _owner(runner: Runner, target: str) -> tuple[torch.nn.Module, str]:
        model: Any = runner.model
        path, _, name = target.rpartition('.')
        owner = (model.module if is_model_wrapper(model) else model).get_submodule(path)
        if not callable(getattr(type(owner), name, None)):
            raise ValueError(
                f"CompileHook: {type(owner).__name__} has no method '{name}' (targets has "
                f"'{target}'); name methods of the model, e.g. 'loss' or 'backbone.forward'"
            )
        return owner, name
