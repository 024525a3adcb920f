"""The progress bar of tools that run for minutes."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


def counting_bar(shown: bool = True) -> Progress:
    """A bar that shows items done, their total, the time elapsed and the time left.

    It is on stderr, so that results on stdout can be read by a program.

    Args:
        shown: Whether to show it at all.
    """
    return Progress(
        TextColumn('{task.description}'),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not shown,
    )
