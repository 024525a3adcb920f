"""Times the pretraining step against its plain form, part by part, and prints a Markdown table.

    python -m benchmarks.pretrain_step [--model small] [--batch-size 32] [--teachers live]

The two forms take turns, each in a process of its own, and every figure is a median, so that a
machine whose load changes is fair to both. First both run without the image and text networks
("student-only"), then whole steps: the plain form runs its teachers in every step; ours reads
stored image features (``--teachers live``: runs the image network too) and looks texts up.
Teachers are untrained, which costs the same. Data loading is timed alone and without workers,
which hide it where cores are free.
"""

import argparse
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch.profiler import profile
from torch.utils.data import DataLoader

import recon_mm  # noqa: F401  # creates the registries
from recon_mm.utils.memory import keep_freed_memory

from .forms import LOADING, PARTS, TEACHERS, Form, OurForm, PlainForm
from .process import FormProcess
from .shapenet_files import build_loader, write_files

CONFIGS = Path(__file__).parents[1] / 'configs' / 'recon'
SUFFIX = dict(base='', small='_small', tiny='_tiny')
Series = list[dict[str, float]]


def parse_args() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--model', choices=list(SUFFIX), default='base')
    parser.add_argument('--batch-size', type=int, default=32)
    parser.add_argument('--repeats', type=int, default=7, help='student-only steps of each form')
    parser.add_argument('--whole-repeats', type=int, default=2, help='whole steps; 0: none')
    parser.add_argument('--teachers', choices=('cached', 'live'), default='cached', help='of ours')
    parser.add_argument('--amp', action='store_true', help='ours in bfloat16 (the plain form not)')
    parser.add_argument('--threads', type=int, default=torch.get_num_threads())
    parser.add_argument(
        '--cpu-time', action='store_true', help='count CPU time: for a machine that others use'
    )
    parser.add_argument(
        '--keep-memory',
        choices=('ours', 'both', 'none'),
        default='ours',
        help='on the CPU: whose process keeps freed memory (recon_mm.utils.memory)',
    )
    parser.add_argument(
        '--profile', action='store_true', help="only torch.profiler's table of ours"
    )
    return parser.parse_args()


def pretraining_config(model: str, teachers: str) -> Config:
    """The paper's config in the size asked for, with untrained teachers."""
    cfg = Config.fromfile(CONFIGS / f'pretrain_shapenet{SUFFIX[model]}.py')
    cfg.model.image_teacher.pretrained = None
    cfg.model.text_teacher.pretrained = None
    if teachers == 'cached':
        cached = Config.fromfile(CONFIGS / 'pretrain_shapenet_cached.py')
        cfg.model.image_teacher = cached.model.image_teacher
        cfg.train_dataloader = cached.train_dataloader
    return cfg


def prepare_process(
    args: argparse.Namespace, teachers: str, root: Path
) -> tuple[Config, DataLoader]:
    """Readies the process that will run a form: threads, seed, clock.

    Returns:
        The config, and the loader of its batches.
    """
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    init_default_scope('recon_mm')
    if args.cpu_time:
        Form.clock = time.process_time  # pyright: ignore[reportAttributeAccessIssue]
    cfg = pretraining_config(args.model, teachers)
    cfg.model.text_teacher.cache_dir = str(root)
    return cfg, build_loader(cfg, root, args.batch_size)


def build_form(kind: str, args: argparse.Namespace, root: Path) -> Form:
    """One of the two forms, in the process that will run it."""
    if args.keep_memory in (kind, 'both') and args.device == 'cpu':
        keep_freed_memory()
    cfg, loader = prepare_process(args, 'live' if kind == 'plain' else args.teachers, root)
    if kind == 'plain':
        return PlainForm(cfg, loader, args.device, root / 'weights.pth')
    return OurForm(cfg, loader, args.device, args.amp, root / 'weights.pth')


def take_turns(forms: dict[str, FormProcess], method: str, repeats: int) -> dict[str, Series]:
    """Measures the forms in turn, after one warm-up of each."""
    series: dict[str, Series] = {name: [] for name in forms}
    for repeat in range(repeats + 1):
        for name, form in forms.items():
            parts = form(method)
            if repeat:
                series[name].append(parts)
    return series


def median(series: Series, *names: str) -> float:
    """Median over the steps of the time of these parts together, in seconds."""
    return statistics.median(sum(step.get(name, 0.0) for name in names) for step in series)


def row(name: str, plain: float, ours: float) -> str:
    """A line of the table, from seconds."""
    ratio = f'{plain / ours:.1f}' if ours > 1e-4 else '-'
    return f'| {name} | {plain * 1e3:.0f} | {ours * 1e3:.1f} | {ratio} |'


def print_profile(ours: Form) -> None:
    """The operators of three steps that take longest themselves."""
    ours.step()
    with profile() as profiler:
        for _ in range(3):
            ours.step()
    key = 'self_cuda_time_total' if ours.watch.on_gpu else 'self_cpu_time_total'
    print(profiler.key_averages().table(sort_by=key, row_limit=25, max_name_column_width=50))


def device_name(device: str) -> str:
    """What the device is called."""
    if device.startswith('cuda'):
        return torch.cuda.get_device_name()
    cpuinfo = Path('/proc/cpuinfo')
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.split(':')[1].strip() for line in lines if line.startswith('model name')]
    return names[0] if names else platform.processor()


def compare(args: argparse.Namespace, root: Path) -> None:
    """Measures both forms and prints the table."""
    ours = FormProcess(build_form, 'ours', args, root)  # writes the weights that plain reads
    forms = dict(plain=FormProcess(build_form, 'plain', args, root), ours=ours)
    load = take_turns(forms, 'measure_loading', args.repeats)
    student = take_turns(forms, 'measure', args.repeats)
    memory = [form('peak_memory') for form in forms.values()]
    whole = None
    if args.whole_repeats:
        forms['plain']('load_teachers')
        whole = take_turns(forms, 'measure', args.whole_repeats)

    size = args.batch_size
    print(
        f'{device_name(args.device)}, {args.threads} threads, load {os.getloadavg()[0]:.1f}, torch '
        f'{torch.__version__}, {"CPU" if args.cpu_time else "wall"} time; '
        f'model {args.model}, batch {size}, ours '
        f'{"bfloat16" if args.amp else "float32"} with {args.teachers} image teacher, '
        f'freed memory kept by: {args.keep_memory}\n\n'
        '| part | plain, ms | ours, ms | times faster |\n|---|---:|---:|---:|'
    )
    student_parts = [name for name in PARTS if name not in (LOADING, TEACHERS)]
    print(row(f'{LOADING}, one process', *(median(s, LOADING) for s in load.values())))
    for name in student_parts:
        print(row(name, *(median(series, name) for series in student.values())))
    totals = {'student-only step': [median(s, *student_parts) for s in student.values()]}
    if whole is not None:
        print(row(TEACHERS, *(median(series, TEACHERS) for series in whole.values())))
        totals['whole step'] = [median(series, *PARTS) for series in whole.values()]
    for name, seconds in totals.items():
        print(row(f'**{name}**', *seconds))
    for name, (plain_s, ours_s) in totals.items():
        rates = f'{size / plain_s:.1f} | {size / ours_s:.1f} | {plain_s / ours_s:.1f}'
        print(f'| {name}, clouds/s | {rates} |')
    plain_gb, ours_gb = memory
    print(f'| student-only, peak memory, GB | {plain_gb:.1f} | {ours_gb:.1f} | |')


def main() -> None:
    """Runs the command."""
    args = parse_args()
    dims = pretraining_config(args.model, args.teachers).model.image_head.feature_dims
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_files(root, 2 * args.batch_size, dims)
        if args.profile:
            print_profile(build_form('ours', args, root))
        else:
            compare(args, root)


if __name__ == '__main__':
    main()
