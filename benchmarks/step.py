"""One step of the package in several variants, split into parts, and the comparison of variants.

The baseline is the package itself with the plain form of each layer
(:func:`recon_mm.models.layers.use_plain_forms`), in float32, and in pretraining with both teachers
live, as the authors' code has them. Sampling, neighbors, grouping, interpolation and Chamfer are
the package's own in every variant: these operations are compared in ``benchmarks/ops.py``.
"""

import argparse
import resource
import statistics
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from recon_mm.models import ReCon
from recon_mm.models.layers import TwoForms, use_plain_forms
from recon_mm.models.teachers import FrozenTeacher
from recon_mm.registry import MODELS
from recon_mm.utils.memory import keep_freed_memory

from .machine import add_arguments, clock, matrix_rate
from .process import OwnProcess
from .stopwatch import Stopwatch
from .table import Row

PATCHES, EMBEDDING, ENCODER, DECODER, REST, TEACHERS, BACKWARD, OPTIMIZER = PARTS = (
    'clouds to patches',
    'embedding',
    'encoder',
    'decoder',
    'losses, rest',
    'teachers',
    'backward',
    'optimizer',
)
Series = list[dict[str, float]]


class Variant(NamedTuple):
    """How a step runs.

    Attributes:
        plain: The layer that runs its plain form, by the name of its class; ``'all'`` of them.
        live: The modalities whose teachers run in every step; features of others are stored.
        bfloat16: Whether the forward pass runs in bfloat16.
        options: Those of ``torch.compile`` for the loss; ``None`` runs it as written.
    """

    plain: str = ''
    live: tuple[str, ...] = ()
    bfloat16: bool = False
    options: dict[str, Any] | None = None


VARIANTS = {
    'baseline': Variant(plain='all', live=('image', 'text')),
    'baseline-image': Variant(plain='all', live=('image',)),
    'plain': Variant(plain='all'),
    'plain-bf16': Variant(plain='all', bfloat16=True),
    'eager': Variant(),
    'bf16': Variant(bfloat16=True),
    'live': Variant(live=('image', 'text')),
    'traced': Variant(options={'backend': 'eager'}),
    'compiled': Variant(options={}),
    'compiled-bf16': Variant(bfloat16=True, options={}),
    'graphs': Variant(options={'mode': 'reduce-overhead'}),  # CUDA graphs
    'graphs-bf16': Variant(bfloat16=True, options={'mode': 'reduce-overhead'}),
}
VARIANTS |= {
    f'plain-{layer}{suffix}': Variant(plain=layer, bfloat16=bool(suffix))
    for layer in ('PatchEmbed', 'SoftmaxAttention', 'CrossAttention', 'MaxLinear')
    for suffix in ('', '-bf16')
}


def run_plain(model: nn.Module, layer: str) -> None:
    """Makes the layers of a class run their plain form, or ``'all'``; ``''`` none."""
    if layer == 'all':
        use_plain_forms(model)
    for module in model.modules():
        if isinstance(module, TwoForms) and type(module).__name__ == layer:
            module.plain = True


class Timed(ABC):
    """Something that is measured repeatedly.

    Args:
        device: Where it runs.
        variant: How it runs.
        cpu_time: Whether CPU time is counted, not wall time.
    """

    def __init__(self, device: str, variant: Variant, cpu_time: bool = False) -> None:
        self.variant, self.device = variant, device
        self.watch = Stopwatch(device, REST, clock(cpu_time))
        if self.watch.on_gpu:
            torch.cuda.reset_peak_memory_stats()

    @abstractmethod
    def step(self) -> None:
        """Runs it once."""

    def measure(self) -> dict[str, float]:
        """Seconds of each part of a step."""
        return self.watch.measure(self.step)

    def peak_memory(self) -> float:
        """The most memory held so far, in GB: of the GPU, or of this process."""
        if self.watch.on_gpu:
            return torch.cuda.max_memory_allocated() / 1e9
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # Linux counts kB

    def flops(self) -> int:
        """Multiplications and additions in the matrix products of a step."""
        with FlopCounterMode(display=False) as counter:
            self.step()
        return counter.get_total_flops()

    def arithmetic(self, seconds: float) -> Row:
        """The rate of products that a step of so many seconds reaches."""
        dtype = torch.bfloat16 if self.variant.bfloat16 else torch.float32
        rate, flops = matrix_rate(self.device, dtype), self.flops()
        return {
            'GFLOP': flops / 1e9,
            'GFLOP/s': flops / seconds / 1e9,
            'of a product, %': 100 * flops / seconds / rate,
        }


class TrainingStep(Timed):
    """What ``tools/train.py`` does with a batch.

    Args:
        cfg: A config with ``model`` and ``optim_wrapper``.
        batch: What the loader gives; every step takes it.
        *args: Those of :class:`Timed`.
    """

    def __init__(self, cfg: Config, batch: dict, *args: Any) -> None:
        super().__init__(*args)
        variant = self.variant
        self.batch = batch
        self.model: Any = MODELS.build(cfg.model).to(self.device).train()
        run_plain(self.model, variant.plain)
        for teacher in self.model.modules():
            if isinstance(teacher, FrozenTeacher):
                teacher.prepare()
        amp = {'type': 'BFloat16OptimWrapper', 'emulate': True} if variant.bfloat16 else {}
        self.optim_wrapper = build_optim_wrapper(self.model, {**cfg.optim_wrapper, **amp})
        self.loss = self.model.loss
        if variant.options is not None:  # as CompileHook does
            options: Any = {'fullgraph': True, 'dynamic': False, **variant.options}
            self.model.loss = torch.compile(self.loss, **options)
        for owner, method, part in self._parts():
            self.watch.watch(owner, method, part)

    def _parts(self) -> list[tuple[Any, str, str]]:
        model, optimizer = self.model, self.optim_wrapper
        parts = [
            (model.data_preprocessor, 'forward', PATCHES),
            (optimizer, 'backward', BACKWARD),
            (optimizer, 'step', OPTIMIZER),
            (optimizer, 'zero_grad', OPTIMIZER),
        ]
        if self.variant.options is not None or not isinstance(model, ReCon):
            return parts  # the loss is one part
        return [
            *parts,
            (model.backbone, 'group', PATCHES),
            (model.masking, 'forward', PATCHES),
            (model.backbone.patch_embed, 'forward', EMBEDDING),
            (model.backbone, 'forward_patches', ENCODER),
            (model, 'reconstruct', DECODER),
            *((teacher, 'forward', TEACHERS) for teacher in model.teachers.values()),
        ]

    def step(self) -> None:
        """What MMEngine's loop does with a batch."""
        self.model.train_step(self.batch, self.optim_wrapper)

    def flops(self) -> int:
        """Those of the loss as written: a compiled one hides them."""
        compiled, self.model.loss = self.model.loss, self.loss
        flops = super().flops()
        self.model.loss = compiled
        return flops


def add_step_arguments(parser: argparse.ArgumentParser, variants: Sequence[str]) -> None:
    """The arguments of a comparison of variants; the first named is what others are compared to."""
    add_arguments(parser)
    parser.add_argument('--variants', nargs='+', choices=list(VARIANTS), default=list(variants))
    parser.add_argument('--repeats', type=int, default=3, help='steps of each, after one warm-up')
    parser.add_argument(
        '--keep-memory',
        choices=('all', 'ours', 'none'),
        default='all',
        help='on the CPU: which processes keep freed memory (recon_mm.utils.memory); ours: those '
        'that do not run the plain forms',
    )


def ready_process(name: str, args: argparse.Namespace) -> Variant:
    """Makes this process ready to build a variant: threads, seed, memory."""
    variant = VARIANTS[name]
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    init_default_scope('recon_mm')
    keeps = args.keep_memory == 'all' or (args.keep_memory == 'ours' and variant.plain != 'all')
    if keeps and args.device == 'cpu':
        keep_freed_memory()
    return variant


def compare(
    build: Callable[..., Timed], args: argparse.Namespace, size: int, *rest: Any
) -> list[Row]:
    """Measures variants, which take turns, each in its own process.

    Args:
        build: From the name of a variant, ``args`` and ``rest`` to what is measured.
        args: Those of the command.
        size: Clouds per step.
        *rest: More arguments of ``build``.

    Returns:
        A row for each variant.
    """
    steps = {name: OwnProcess(build, name, args, *rest) for name in args.variants}
    first = {name: _seconds(lambda s=step: s('measure')) for name, step in steps.items()}
    series: dict[str, Series] = {name: [] for name in steps}
    for _ in range(args.repeats):
        for name, step in steps.items():
            series[name].append(step('measure'))
    memory = {name: step('peak_memory') for name, step in steps.items()}
    for step in steps.values():
        step.kill()
    return [summary(name, first[name], series[name], memory[name], size) for name in steps]


def measure_one(
    build: Callable[..., Timed], name: str, args: argparse.Namespace, size: int, *rest: Any
) -> Row:
    """Measures one variant in this process, and the rate of its arithmetic."""
    step = build(name, args, *rest)
    first = _seconds(step.measure)
    series = [step.measure() for _ in range(args.repeats)]
    row = summary(name, first, series, step.peak_memory(), size)
    return {**row, **step.arithmetic(row['step, ms'] / 1e3)}


def summary(name: str, first: float, series: Series, memory: float, size: int) -> Row:
    """Medians over the steps of a variant, in a row."""
    seconds = statistics.median(sum(parts.values()) for parts in series)
    row: Row = {'variant': name, 'first step, s': first}
    named = [part for part in PARTS if any(part in parts for parts in series)]
    if len(named) > 1:
        for part in PARTS:
            times = [parts[part] for parts in series if part in parts]
            row[f'{part}, ms'] = 1e3 * statistics.median(times) if times else ''
        student = statistics.median(sum(p.values()) - p.get(TEACHERS, 0.0) for p in series)
        row['student, ms'] = 1e3 * student
    return {
        **row,
        'step, ms': 1e3 * seconds,
        'clouds/s': size / seconds,
        'peak memory, GB': memory,
    }


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
