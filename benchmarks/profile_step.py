"""Where the time of our pretraining step goes, and its share of the machine's matrix rate.

    python -m benchmarks.profile_step [--variants eager bf16]

Prints, for each variant, the operators by self time (torch.profiler, on a GPU device time) and
the arithmetic of a step beside the rate that a plain product of two square matrices reaches on the
same device in the same minute.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from torch.profiler import profile

from .machine import heading
from .pretrain_step import build, parse_args, write_data
from .process import run_alone
from .step import Timed
from .table import Row, print_table


def operators(step: Timed, seconds: float, steps: int, count: int = 16) -> list[Row]:
    """The operators of a step with the most self time.

    Args:
        step: What is profiled.
        seconds: How long a step takes without the profiler.
        steps: How many are profiled.
        count: How many operators are named.
    """
    with profile() as profiler:
        for _ in range(steps):
            step.step()
    key = 'self_device_time_total' if step.watch.on_gpu else 'self_cpu_time_total'
    # Kernels are listed, too, beside the operators that start them.
    events = [e for e in profiler.key_averages() if e.device_type.name == 'CPU']
    events.sort(key=lambda event: -getattr(event, key))
    total = sum(getattr(event, key) for event in events)
    return [
        {
            'operator': f'`{event.key[:64]}`',
            'calls per step': event.count // steps,
            'ms per step': getattr(event, key) / total * seconds * 1e3,
            'share, %': 100 * getattr(event, key) / total,
        }
        for event in events[:count]
    ]


def profile_variant(name: str, args: argparse.Namespace, root: Path) -> tuple[list[Row], Row]:
    """Operators and arithmetic of a step."""
    step = build(name, args, root)
    step.step()
    seconds = statistics.median(sum(step.measure().values()) for _ in range(args.repeats))
    found = operators(step, seconds, args.repeats)
    return found, {'variant': name, 'step, ms': seconds * 1e3, **step.arithmetic(seconds)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command."""
    args = parse_args(arguments)
    print(f'{heading(args)}; model {args.model}, batch {args.batch_size}')
    with tempfile.TemporaryDirectory() as folder:
        write_data(args, Path(folder))
        for name in args.variants:
            found, arithmetic = run_alone(None, profile_variant, name, args, Path(folder))
            print(f'\n{name}\n')
            print_table(found)
            print()
            print_table([arithmetic])


if __name__ == '__main__':
    main()
