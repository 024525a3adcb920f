"""Compares the classes of head and data set before the first batch."""

from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import Runner

from recon_mm.models.checkpoint import unwrap_model
from recon_mm.registry import HOOKS


@HOOKS.register_module()
class CheckClassesHook(Hook):
    """Refuses a head whose number of classes differs from the data set's.

    On a GPU a label beyond the head's classes ends in an assertion that names neither; a head with
    too many classes would train silently.
    """

    def before_train(self, runner: Runner) -> None:
        """Compares with the training set."""
        loop: Any = runner.train_loop
        check_classes(runner.model, loop.dataloader.dataset)

    def before_test(self, runner: Runner) -> None:
        """Compares with the test set."""
        loop: Any = runner.test_loop
        check_classes(runner.model, loop.dataloader.dataset)


def check_classes(model: Any, dataset: Any) -> None:
    """Compares ``model.head.num_classes`` with the parts or classes of ``dataset.metainfo``.

    Raises:
        ValueError: If they differ.
    """
    found = getattr(getattr(unwrap_model(model), 'head', None), 'num_classes', None)
    meta = getattr(dataset, 'metainfo', {})
    names = [part for parts in meta.get('parts', ()) for part in parts] or meta.get('classes')
    if found is None or not names or found == len(names):
        return
    raise ValueError(
        f'the head has {found} classes, {type(dataset).__name__} has {len(names)}: set '
        f'model.head.num_classes={len(names)}, or use the config of this data set'
    )
