"""How time and memory grow with points, patches, batch and samples; with fitted exponents.

    python -m benchmarks.growth [--picture docs/growth.png]

Each row varies one size and fixes the others. Time is the fastest of some calls;
memory is the peak above what was held before, each row in its own process. The exponent e of
time ~ size^e is fitted to the larger half of the sizes, where fixed costs no longer count.
"""

import argparse
import ctypes
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.registry import init_default_scope

from recon_mm.datasets import BatchedShapeNet55
from recon_mm.datasets.packing import pack_clouds
from recon_mm.models import ReConTransformer
from recon_mm.models.layers import SelfAttention
from recon_mm.ops import chamfer_distance, furthest_point_sample, knn
from recon_mm.ops import three_interpolate as interpolate

from .process import run_alone
from .shapenet_files import write_files
from .table import Row, print_table

POINTS = (1024, 8192, 32768, 100_000)
Call = Callable[[], Any]


class Growth(NamedTuple):
    """One quantity against one size.

    Attributes:
        what: What is measured.
        size: The name of the size that is varied.
        values: Its values.
        build: From a value to the call that is measured.
        expected: The exponent it should not exceed.
    """

    what: str
    size: str
    values: tuple[int, ...]
    build: Callable[[int], Call]
    expected: float


def _clouds(batch: int, num_points: int) -> torch.Tensor:
    return torch.rand(batch, num_points, 3)


def sampling(num_points: int) -> Call:
    """256 of N points."""
    points = _clouds(1, num_points)
    return lambda: furthest_point_sample(points, 256)


def sampling_groups(num_groups: int) -> Call:
    """G of 32768 points."""
    points = _clouds(1, 32768)
    return lambda: furthest_point_sample(points, num_groups)


def neighbors(num_points: int) -> Call:
    """The 32 nearest of N points for 256 centers."""
    points = _clouds(1, num_points)
    return lambda: knn(points[:, :256], points, 32)


def interpolation(num_points: int) -> Call:
    """64 channels of 256 centers at N points."""
    points, features = _clouds(1, num_points), torch.rand(1, 256, 64)
    return lambda: interpolate(points, points[:, :256], features)


def chamfer(num_points: int) -> Call:
    """Two sets of N points, with the gradient."""
    first, second = _clouds(1, num_points).requires_grad_(), _clouds(1, num_points)
    return lambda: torch.autograd.grad(chamfer_distance(first, second), first)


def _backbone(num_groups: int = 64, depth: int = 12) -> ReConTransformer:
    return ReConTransformer(num_groups=num_groups, depth=depth).eval()


def backbone_points(num_points: int) -> Call:
    """One cloud of N points through the base backbone, 64 patches."""
    model, points = _backbone(), _clouds(1, num_points)
    return lambda: model(points)


def backbone_groups(num_groups: int) -> Call:
    """One cloud of 8192 points through the base backbone, G patches."""
    model, points = _backbone(num_groups), _clouds(1, 8192)
    return lambda: model(points)


def backbone_batch(batch: int) -> Call:
    """A batch of clouds of 1024 points through two blocks, forward and backward."""
    model, points = _backbone(depth=2).train(), _clouds(batch, 1024)

    def call() -> None:
        model.zero_grad()
        model(points).patch_tokens.sum().backward()

    return call


def attention(num_groups: int) -> Call:
    """One self-attention of width 384 over G tokens."""
    layer, tokens = SelfAttention(384, 6), torch.rand(1, num_groups, 384)
    return lambda: layer(tokens)


def epoch(num_samples: int) -> Call:
    """One pass of the loader over packed clouds."""
    folder = tempfile.TemporaryDirectory()
    write_files(Path(folder.name), num_samples, 8, with_images=False)
    root = Path(folder.name) / 'ShapeNet55-34'
    names = (root / 'ShapeNet-55/train.txt').read_text().split()
    pack_clouds(root / 'shapenet_packed', [root / 'shapenet_pc' / name for name in names])
    dataset = BatchedShapeNet55(str(root), str(root / 'shapenet_packed'))

    def call() -> None:
        order = torch.randperm(len(dataset)).split(128)
        for index in order:
            dataset.__getitems__(index.tolist())
        assert folder.name  # the files live as long as the call

    return call


GROWTHS = (
    Growth('sampling', 'N', POINTS, sampling, 1),
    Growth('sampling', 'G', (64, 256, 1024, 2048), sampling_groups, 1),
    Growth('neighbors of 256', 'N', POINTS, neighbors, 1),
    Growth('interpolation of 256', 'N', POINTS, interpolation, 1),
    Growth('Chamfer f+b', 'N', POINTS, chamfer, 1),
    Growth('self-attention', 'G', (256, 1024, 2048, 4096), attention, 2),
    Growth('backbone', 'N', POINTS, backbone_points, 1),
    Growth('backbone', 'G', (64, 128, 256, 512, 1024), backbone_groups, 2),
    Growth('2 blocks f+b', 'batch', (4, 8, 16, 32), backbone_batch, 1),
    Growth('loader, one pass', 'samples', (512, 1024, 2048, 4096), epoch, 1),
)


def measure(growth: Growth, seconds: float) -> list[tuple[int, float, int]]:
    """Each value, the seconds of a call, and the bytes at its peak above before."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    init_default_scope('recon_mm')
    found = []
    for value in growth.values:
        call = growth.build(value)
        with torch.set_grad_enabled('f+b' in growth.what):
            call()  # what is loaded once
            _trim()
            before = _resident()
            _reset_peak()
            call()
            memory = _peak() - before
            times, start = [], time.perf_counter()
            while len(times) < 3 or time.perf_counter() - start < seconds:
                begin = time.process_time()
                call()
                times.append(time.process_time() - begin)
        found.append((value, min(times), max(memory, 0)))
    return found


def _trim() -> None:
    """Freed memory goes back to the system, or the next size would not have to ask for it."""
    ctypes.CDLL(None).malloc_trim(0)


def _resident() -> int:
    pages = int(Path('/proc/self/statm').read_text().split()[1])
    return pages * resource.getpagesize()


def _reset_peak() -> None:
    Path('/proc/self/clear_refs').write_text('5')


def _peak() -> int:
    status = Path('/proc/self/status').read_text().splitlines()
    (line,) = [line for line in status if line.startswith('VmHWM')]
    return int(line.split()[1]) * 1024


def exponent(values: np.ndarray, costs: np.ndarray) -> float:
    """Of the power law through the larger half of the values."""
    half = len(values) // 2
    return float(np.polyfit(np.log(values[half - 1 :]), np.log(costs[half - 1 :]), 1)[0])


def draw(found: list[tuple[Growth, np.ndarray, float]], path: Path) -> None:
    """Time and memory, each against the size relative to the smallest one."""
    import matplotlib

    matplotlib.use('Agg')
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11, 4.6), layout='constrained')
    for growth, rows, slope in found:
        label = f'{growth.what}, {growth.size} ({slope:.2f})'
        style = dict(marker='o', markersize=3, linewidth=1.2)
        style['linestyle'] = dict(N='-', G='--').get(growth.size, ':')
        relative = rows[:, 0] / rows[0, 0]
        axes[0].plot(relative, rows[:, 1] * 1e3, label=label, **style)  # pyright: ignore
        axes[1].plot(relative, np.maximum(rows[:, 2] / 1e6, 0.1), **style)  # pyright: ignore
    for axis, title in zip(axes, ('time of a call, ms', 'memory above what was held, MB')):
        axis.set(xscale='log', yscale='log', title=title, xlabel='size / smallest size')
        axis.grid(alpha=0.3, which='both')
    figure.legend(loc='outside right center', fontsize=8, title='what, size (exponent)')
    figure.savefig(path, dpi=110)


def rows(seconds: float, found: list[tuple[Growth, np.ndarray, float]]) -> Iterator[Row]:
    """A row for each quantity; what the picture needs goes to ``found``."""
    for growth in GROWTHS:
        measured = np.array(run_alone(None, measure, growth, seconds))
        values, times, memory = measured.T
        slope = exponent(values, times)
        found.append((growth, measured, slope))
        yield {
            'what': growth.what,
            'size': growth.size,
            'values': ', '.join(f'{value:.0f}' for value in values),
            'time, ms': ', '.join(f'{value * 1e3:.3g}' for value in times),
            'memory, MB': ', '.join(f'{value / 1e6:.3g}' for value in memory),
            'exponent of time': f'{slope:.2f}',
            'at most': growth.expected,
        }


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    parser.add_argument('--seconds', type=float, default=0.5, help='spent on each size, at least')
    parser.add_argument('--picture', type=Path, help='a PNG of the curves')
    args = parser.parse_args()
    print(
        f'{platform.machine()}, one thread, CPU time, load {os.getloadavg()[0]:.1f}, torch '
        f'{torch.__version__}\n'
    )
    found: list[tuple[Growth, np.ndarray, float]] = []
    print_table(rows(args.seconds, found))
    if args.picture:
        draw(found, args.picture)


if __name__ == '__main__':
    main()
