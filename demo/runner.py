"""Runs one function over many jobs, on several processes, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

from rich.progress import track

Job = TypeVar('Job')
Result = TypeVar('Result')


class Runner(AbstractContextManager):
    """Maps jobs to results, which come in the order of the jobs.

    Args:
        workers: Number of processes; 1 works in this one.
        progress: Whether to show a bar.
    """

    def __init__(self, workers: int, progress: bool) -> None:
        self.progress = progress
        self.pool = ProcessPoolExecutor(workers) if workers > 1 else None

    def __call__(
        self, function: Callable[[Job], Result], jobs: Sequence[Job], label: str
    ) -> list[Result]:
        """Runs ``function`` on each job; an error in one ends all."""
        results: Iterable[Result]
        if self.pool is None:
            results = map(function, jobs)
        else:
            results = self.pool.map(function, jobs, chunksize=4)
        return list(track(results, label, len(jobs), disable=not self.progress))

    def __exit__(self, *error: object) -> None:
        if self.pool is not None:
            self.pool.shutdown(cancel_futures=True)
