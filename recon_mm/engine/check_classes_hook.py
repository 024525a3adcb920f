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
    """Compares the classes of ``model.head`` with the parts or classes of ``dataset.metainfo``.

    Of parts, those of each category are compared, too.

    Raises:
        ValueError: If they differ.
    """
    head = getattr(unwrap_model(model), 'head', None)
    found, mask = getattr(head, 'num_classes', None), getattr(head, 'part_mask', None)
    meta = getattr(dataset, 'metainfo', {})
    parts = [len(labels) for labels in meta.get('parts', ())]
    if found is not None and mask is not None and parts and mask.sum(1).tolist() != parts:
        listed = ','.join(map(str, parts))
        raise ValueError(
            f'the head has {found} parts of {len(mask)} categories, {type(dataset).__name__} has '
            f'{sum(parts)} of {len(parts)}: set model.head.num_classes={sum(parts)} and '
            f'model.head.parts_per_category="[{listed}]", or use the config of this data set'
        )
    names = [part for parts in meta.get('parts', ()) for part in parts] or meta.get('classes')
    if found is None or not names or found == len(names):
        return
    raise ValueError(
        f'the head has {found} classes, {type(dataset).__name__} has {len(names)}: set '
        f'model.head.num_classes={len(names)}, or use the config of this data set'
    )
