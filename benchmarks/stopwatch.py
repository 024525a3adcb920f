"""Splits the time of a step into parts, without waiting for the device in between."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch


class Stopwatch:
    """Time of each part; a part inside another is not counted in the outer one.

    On a GPU the marks between parts are events in its stream: nothing waits until the end.

    Args:
        device: Where the work runs.
        rest: The part that time outside any other belongs to.
        clock: Seconds now; ``time.process_time`` leaves out what other processes take.
    """

    def __init__(
        self, device: str, rest: str, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.on_gpu = device.startswith('cuda')
        self.clock = clock
        self.rest = rest
        self._parts: list[str] = []
        self._marks: list[tuple[Any, str]] = []

    def _mark(self) -> None:
        now: Any = self.clock()
        if self.on_gpu:
            now = torch.cuda.Event(enable_timing=True)
            now.record()
        self._marks.append((now, self._parts[-1] if self._parts else ''))

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """What runs inside counts as ``name``."""
        self._parts.append(name)
        self._mark()
        yield
        self._parts.pop()
        self._mark()

    def watch(self, owner: Any, method: str, name: str) -> None:
        """From now on the time of ``owner.method`` counts as ``name``."""
        inner = getattr(owner, method)

        def timed(*args: Any, **kwargs: Any) -> Any:
            with self.part(name):
                return inner(*args, **kwargs)

        setattr(owner, method, timed)

    def measure(self, step: Callable[[], object]) -> dict[str, float]:
        """Seconds of each part of one call of ``step``."""
        self._marks.clear()
        with self.part(self.rest):
            step()
        if self.on_gpu:
            torch.cuda.synchronize()
        seconds: defaultdict[str, float] = defaultdict(float)
        for (start, name), (end, _) in zip(self._marks, self._marks[1:]):
            seconds[name] += start.elapsed_time(end) / 1e3 if self.on_gpu else end - start
        return dict(seconds)
