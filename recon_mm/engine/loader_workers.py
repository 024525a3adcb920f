"""The processes of data loaders, at the end of a run."""

from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.runner import Runner
from torch.utils.data import DataLoader


@contextmanager
def ending_workers(runner: Runner) -> Iterator[None]:
    """Ends the workers of a runner's loaders after the block, whether or not it succeeds.

    Persistent workers last as long as their loader, and it as long as the runner, which is in a
    cycle with its loops and hooks. Garbage collection closes the queue of a worker before the
    loader's finalizer tells it to end: each worker is then waited for 5 s, and killed.
    """
    try:
        yield
    finally:
        for loop in (runner._train_loop, runner._val_loop, runner._test_loop):
            loader = getattr(loop, 'dataloader', None)
            if isinstance(loader, DataLoader):
                loader._iterator = None  # its finalizer ends them
