"""The machine that a benchmark runs on: arguments, name, times of calls, rate of products."""

import argparse
import os
import platform
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch.utils.benchmark import Timer

ROUNDS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that say where and how time is counted."""
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--threads', type=int, default=torch.get_num_threads())
    parser.add_argument(
        '--cpu-time', action='store_true', help='count CPU time: for a machine that others use'
    )


def heading(args: argparse.Namespace) -> str:
    """Device, threads, load, versions and kind of time, for the line above a table."""
    return (
        f'{device_name(args.device)}, {args.threads} threads, load {os.getloadavg()[0]:.1f}, torch '
        f'{torch.__version__}, {"CPU" if args.cpu_time else "wall"} time'
    )


def device_name(device: str) -> str:
    """What the device is called."""
    if device.startswith('cuda'):
        return torch.cuda.get_device_name()
    cpuinfo = Path('/proc/cpuinfo')
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(':')[1].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.processor()


def clock(cpu_time: bool) -> Callable[[], float]:
    """Seconds now."""
    return time.process_time if cpu_time else time.perf_counter


def matrix_rate(device: str, dtype: torch.dtype, size: int | None = None) -> float:
    """FLOP/s of a product of two square matrices: the best of some."""
    on_gpu = device.startswith('cuda')
    size = size or (8192 if on_gpu else 2048)
    now = clock(cpu_time=not on_gpu)
    first, second = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    seconds = []
    for _ in range(8):
        if on_gpu:
            torch.cuda.synchronize()
        start = now()
        torch.mm(first, second)
        if on_gpu:
            torch.cuda.synchronize()
        seconds.append(now() - start)
    return 2 * size**3 / min(seconds)


def medians_ms(calls: Sequence[Callable[[], object]], threads: int, seconds: float) -> list[float]:
    """Median milliseconds of each call; they take turns, so that a changing load affects all.

    Args:
        calls: What is timed.
        threads: Threads per call.
        seconds: Approximate time spent on each.
    """
    timers = [Timer('call()', globals={'call': call}, num_threads=threads) for call in calls]
    first = [timer.timeit(1).mean for timer in timers]
    counts = [max(1, int(seconds / ROUNDS / once)) for once in first]
    turns = [[t.timeit(n).mean for t, n in zip(timers, counts)] for _ in range(ROUNDS)]
    return (np.median(turns, axis=0) * 1e3).tolist()
