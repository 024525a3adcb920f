"""The pretraining step with each of its switches: float32 or bfloat16, as written or compiled.

    python -m benchmarks.switches [--forms plain eager bf16 compiled compiled-bf16]

Forms take turns, each in a process of its own; figures are medians. "plain" is the form of
``benchmarks/plain`` in float32 with its teachers in every step: what the others are compared with.
Ours reads stored image features and looks sentences up. Compiling the base model takes minutes.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import torch

import recon_mm  # noqa: F401  # creates the registries
from recon_mm.utils.memory import keep_freed_memory

from .forms import BACKWARD, GROUPING, OPTIMIZER, TEACHERS, Form, OurForm, PlainForm
from .pretrain_step import (
    SUFFIX,
    device_name,
    median,
    prepare_process,
    pretraining_config,
    take_turns,
)
from .process import FormProcess
from .shapenet_files import write_files

PLAIN = 'plain'
OURS = {'eager': (False, False), 'bf16': (True, False)}  # name: bfloat16, compiled
OURS |= {'compiled': (False, True), 'compiled-bf16': (True, True)}


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('--forms', nargs='+', choices=[PLAIN, *OURS], default=[PLAIN, *OURS])
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--model', choices=list(SUFFIX), default='base')
    parser.add_argument('--batch-size', type=int, default=32)
    parser.add_argument('--repeats', type=int, default=5)
    parser.add_argument(
        '--compile-mode', default='default', help="of torch.compile; 'reduce-overhead' on a GPU"
    )
    parser.add_argument('--threads', type=int, default=torch.get_num_threads())
    parser.add_argument(
        '--cpu-time', action='store_true', help='count CPU time: for a machine that others use'
    )
    return parser.parse_args()


def build_form(name: str, args: argparse.Namespace, root: Path) -> Form:
    """One of the forms, in the process that will run it."""
    cfg, loader = prepare_process(args, 'live' if name == PLAIN else 'cached', root)
    if name == PLAIN:
        plain = PlainForm(cfg, loader, args.device, root / 'weights.pth')
        plain.load_teachers()
        return plain
    if args.device == 'cpu':
        keep_freed_memory()
    amp, compiled = OURS[name]
    mode = args.compile_mode if compiled else None
    return OurForm(cfg, loader, args.device, amp, root / 'weights.pth', mode)


def main() -> None:
    """Runs the command."""
    args = parse_args()
    names = sorted(args.forms, key=[*OURS, PLAIN].index)  # plain last: it reads ours' weights
    dims = pretraining_config(args.model, 'cached').model.image_head.feature_dims
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_files(root, 2 * args.batch_size, dims)
        forms = {name: FormProcess(build_form, name, args, root) for name in names}
        first = {}
        for name, form in forms.items():
            start = time.perf_counter()
            form('measure')
            first[name] = time.perf_counter() - start
        series = take_turns(forms, 'measure', args.repeats)
        memory = {name: form('peak_memory') for name, form in forms.items()}
    print(
        f'{device_name(args.device)}, {args.threads} threads, load {os.getloadavg()[0]:.1f}, torch '
        f'{torch.__version__}, {"CPU" if args.cpu_time else "wall"} time; model {args.model}, '
        f'batch {args.batch_size}, {args.repeats} steps\n\n'
        '| form | first step, s | step, ms | teachers | clouds to patches | backward | optimizer '
        f'| clouds/s | times faster than {names[-1]} | peak memory, GB |\n'
        '|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|'
    )
    total = {name: statistics.median(sum(s.values()) for s in series[name]) for name in names}
    for name in reversed(names):
        parts = [median(series[name], part) for part in (TEACHERS, GROUPING, BACKWARD, OPTIMIZER)]
        cells = ' | '.join(f'{seconds * 1e3:.0f}' for seconds in (total[name], *parts))
        print(
            f'| {name} | {first[name]:.1f} | {cells} | {args.batch_size / total[name]:.1f} '
            f'| {total[names[-1]] / total[name]:.2f} | {memory[name]:.1f} |'
        )


if __name__ == '__main__':
    main()
