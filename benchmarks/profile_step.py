"""Where the time of our pretraining step goes, and how much of the machine's matrix rate it uses.

    python -m benchmarks.profile_step [--precisions float32 bfloat16]

Prints, for each precision, the operators by their own time (torch.profiler, on a GPU device time)
and one line of arithmetic: multiplications of a step, what rate they ran at, and what rate a plain
product of two 2048 x 2048 matrices reaches on the same device in the same minute.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import torch
from mmengine.registry import init_default_scope
from torch.profiler import profile
from torch.utils.flop_counter import FlopCounterMode

import recon_mm  # noqa: F401  # creates the registries
from recon_mm.utils.memory import keep_freed_memory

from .forms import OurForm
from .pretrain_step import SUFFIX, device_name, pretraining_config
from .shapenet_files import build_loader, write_files

STEPS = 3


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument(
        '--precisions', nargs='+', choices=('float32', 'bfloat16'), default=['float32', 'bfloat16']
    )
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--model', choices=list(SUFFIX), default='base')
    parser.add_argument('--batch-size', type=int, default=32)
    parser.add_argument('--threads', type=int, default=torch.get_num_threads())
    parser.add_argument('--rows', type=int, default=16, help='operators in the table')
    return parser.parse_args()


def matrix_rate(device: str, dtype: torch.dtype, size: int = 2048) -> float:
    """FLOP/s of a product of two square matrices: the best of some."""
    first, second = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
    seconds = []
    for _ in range(8):
        if device.startswith('cuda'):
            torch.cuda.synchronize()
        start = time.perf_counter() if device.startswith('cuda') else time.process_time()
        torch.mm(first, second)
        if device.startswith('cuda'):
            torch.cuda.synchronize()
        end = time.perf_counter() if device.startswith('cuda') else time.process_time()
        seconds.append(end - start)
    return 2 * size**3 / min(seconds)


def report(form: OurForm, precision: str, args: argparse.Namespace) -> None:
    """Prints the table of one precision."""
    form.step()
    with FlopCounterMode(display=False) as counter:
        form.step()
    seconds = statistics.median(sum(form.measure().values()) for _ in range(STEPS))
    with profile() as profiler:
        for _ in range(STEPS):
            form.step()
    on_gpu = args.device.startswith('cuda')
    key = 'self_device_time_total' if on_gpu else 'self_cpu_time_total'
    events = sorted(profiler.key_averages(), key=lambda event: -getattr(event, key))
    total = sum(getattr(event, key) for event in events)
    print(f'\n{precision}\n\n| operator | calls a step | ms of a step | share |')
    print('|---|---:|---:|---:|')
    for event in events[: args.rows]:
        own = getattr(event, key)
        print(
            f'| `{event.key[:64]}` | {event.count / STEPS:.0f} | {own / total * seconds * 1e3:.0f} '
            f'| {own / total:.1%} |'
        )
    flops = counter.get_total_flops()
    peak = matrix_rate(args.device, getattr(torch, precision))
    print(
        f'\n{flops / 1e9:.0f} GFLOP in {seconds:.2f} s: {flops / seconds / 1e9:.0f} GFLOP/s, '
        f'{flops / seconds / peak:.0%} of the {peak / 1e9:.0f} GFLOP/s of a matrix product; '
        f'{args.batch_size / seconds:.1f} clouds/s'
    )


def main() -> None:
    """Runs the command."""
    args = parse_args()
    torch.set_num_threads(args.threads)
    init_default_scope('recon_mm')
    if args.device == 'cpu':
        keep_freed_memory()
        OurForm.clock = time.process_time  # pyright: ignore[reportAttributeAccessIssue]
    print(
        f'{device_name(args.device)}, {args.threads} threads, load {os.getloadavg()[0]:.1f}, torch '
        f'{torch.__version__}; model {args.model}, batch {args.batch_size}'
    )
    cfg = pretraining_config(args.model, 'cached')
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_files(root, 2 * args.batch_size, cfg.model.image_head.feature_dims)
        cfg.model.text_teacher.cache_dir = folder
        for precision in args.precisions:
            torch.manual_seed(0)
            loader = build_loader(cfg.copy(), root, args.batch_size)
            amp = precision == 'bfloat16'
            form = OurForm(cfg, loader, args.device, amp, root / 'weights.pth')
            report(form, precision, args)


if __name__ == '__main__':
    main()
