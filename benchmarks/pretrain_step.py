"""Times the pretraining step against its plain form, part by part, and prints a Markdown table.

    python -m benchmarks.pretrain_step [--model small] [--batch-size 32] [--teachers live]

The two forms take turns and every figure is a median, so that a machine whose load changes is fair
to both. First both without the image and text networks ("student-only"), then whole steps: the
plain form runs its teachers in every step; ours reads stored image features (``--teachers live``:
runs the image network too) and looks texts up. Teachers are untrained, which costs the same.
Data loading is timed alone, in this process: workers hide it where cores are free.
"""

import argparse
import os
import platform
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch.profiler import profile

from .forms import LOADING, PARTS, TEACHERS, OurForm, PlainForm
from .shapenet_files import CATEGORIES, build_loader, write_files
from .stopwatch import Stopwatch

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


def batches(loader: torch.utils.data.DataLoader) -> Iterator[dict]:
    """Batches without end."""
    while True:
        yield from loader


def take_turns(forms: dict[str, Callable[[], dict[str, float]]], repeats: int) -> dict[str, Series]:
    """Measures the forms in turn, after one warm-up of each."""
    series: dict[str, Series] = {name: [] for name in forms}
    for repeat in range(repeats + 1):
        for name, measure in forms.items():
            parts = measure()
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


def loading(loaders: dict[str, torch.utils.data.DataLoader], repeats: int) -> dict[str, Series]:
    """Time of one batch of each loader."""
    watch = Stopwatch('cpu', rest=LOADING)
    streams = {name: batches(loader) for name, loader in loaders.items()}
    reads = {
        name: lambda stream=stream: watch.measure(lambda: next(stream))
        for name, stream in streams.items()
    }
    return take_turns(reads, repeats)


def print_profile(ours: OurForm, batch: dict) -> None:
    """The operators of three steps that take longest themselves."""
    ours.step(batch)
    with profile() as profiler:
        for _ in range(3):
            ours.step(batch)
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
    classes = tuple(CATEGORIES.values())
    live, cfg = (pretraining_config(args.model, kind) for kind in ('live', args.teachers))
    cfg.model.text_teacher.cache_dir = str(root)
    write_files(root, 2 * args.batch_size, cfg.model.image_head.feature_dims)
    loaders = dict(
        plain=build_loader(live, root, args.batch_size),
        ours=build_loader(cfg, root, args.batch_size),
    )
    plain_batch, our_batch = (next(iter(loader)) for loader in loaders.values())
    ours = OurForm(cfg, classes, args.device, args.amp)
    if args.profile:
        print_profile(ours, our_batch)
        return
    plain = PlainForm(live, ours, classes, args.device)
    forms = dict(
        plain=lambda: plain.watch.measure(lambda: plain.step(plain_batch)),
        ours=lambda: ours.watch.measure(lambda: ours.step(our_batch)),
    )
    load = loading(loaders, args.repeats)
    student = take_turns(forms, args.repeats)
    whole = None
    if args.whole_repeats:
        plain.load_teachers()
        whole = take_turns(forms, args.whole_repeats)

    size = args.batch_size
    print(
        f'{device_name(args.device)}, {args.threads} threads, load {os.getloadavg()[0]:.1f}, torch '
        f'{torch.__version__}; model {args.model}, batch {size}, ours '
        f'{"bfloat16" if args.amp else "float32"} with {args.teachers} image teacher\n\n'
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


def main() -> None:
    """Runs the command."""
    args = parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    init_default_scope('recon_mm')
    import recon_mm  # noqa: F401  # registers the parts

    with tempfile.TemporaryDirectory() as folder:
        compare(args, Path(folder))


if __name__ == '__main__':
    main()
