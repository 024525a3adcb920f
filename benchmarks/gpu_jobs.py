"""What ``benchmarks.gpu`` measures: jobs, each of which runs in its own process."""

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import torch

from recon_mm.ops.compiled import has_cuda_ops
from recon_mm.utils.precision import computes_bfloat16

from . import downstream_step, layers, ops, pretrain_step
from .machine import device_name, matrix_rate
from .profile_step import profile_variant
from .step import measure_one
from .table import Row

ROOT = Path(__file__).parents[1]
PACKAGES = ('mmengine', 'mmcv', 'mmcv-lite', 'timm', 'open_clip_torch', 'numpy', 'triton')
EAGER = ('baseline', 'plain', 'plain-bf16', 'eager', 'bf16')
COMPILED = ('compiled-bf16', 'graphs-bf16', 'compiled', 'graphs')
OUTCOMES = {'failure': 'failed', 'error': 'not collected, or broken', 'skipped': 'skipped'}
NO_BFLOAT16 = 'the device has no bfloat16 instructions'
STEP, TASKS = 'Pretraining step', 'Fine-tuning, part segmentation, inference'


class Job(NamedTuple):
    """One measurement.

    Attributes:
        section: The table that its rows belong to.
        name: What it is called where it fails.
        seconds: Its share of the time.
        call: A function of a module that gives rows.
        args: Its arguments.
        missing: Why it is left out; empty if it runs.
    """

    section: str
    name: str
    seconds: float
    call: Callable[..., Iterable[Row]]
    args: tuple[Any, ...] = ()
    missing: str = ''


def environment(device: str) -> Iterator[Row]:
    """Device and versions."""
    yield {'what': 'device', 'is': device_name(device)}
    yield {'what': 'python', 'is': sys.version.split()[0]}
    yield {'what': 'torch', 'is': f'{torch.__version__}, CUDA {torch.version.cuda}'}
    yield {'what': 'CUDA ops of mmcv', 'is': 'built' if has_cuda_ops() else 'not built'}
    for package in PACKAGES:
        try:
            yield {'what': package, 'is': version(package)}
        except PackageNotFoundError:
            yield {'what': package, 'is': 'not installed'}


def rates(device: str, size: int | None) -> Iterator[Row]:
    """Products of two square matrices."""
    for dtype in (torch.float32, torch.bfloat16):
        yield {'precision': str(dtype)[6:], 'TFLOP/s': matrix_rate(device, dtype, size) / 1e12}


def pretraining(name: str, arguments: list[str], profiled: bool = False) -> list[Row]:
    """One variant of the pretraining step, or where its time goes."""
    args = pretrain_step.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        pretrain_step.write_data(args, Path(folder))
        if profiled:
            return profile_variant(name, args, Path(folder))[0]
        return [measure_one(pretrain_step.build, name, args, args.batch_size, Path(folder))]


def downstream(task: str, arguments: list[str]) -> Iterator[Row]:
    """The variants of a downstream task."""
    args = downstream_step.parse_args([*arguments, '--tasks', task])
    for _, size in downstream_step.cases(args):
        for name in args.variants:
            row = measure_one(downstream_step.build, name, args, size, task, size)
            yield {'task': task, 'batch': size, **row}


def cuda_tests(paths: list[str], seconds: float) -> Iterator[Row]:
    """Counts of the tests marked ``cuda``, and each test that failed.

    Raises:
        RuntimeError: If pytest wrote no report.
        subprocess.TimeoutExpired: If the tests take longer than ``seconds``.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / 'report.xml'
        command = [
            *(sys.executable, '-m', 'pytest', '-q', '-m', 'cuda', '-p', 'no:cacheprovider'),
            *('--continue-on-collection-errors', f'--junitxml={report}', *paths),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds)
        if not report.exists():
            raise RuntimeError(
                f'pytest wrote no report:\n{done.stdout[-2000:]}{done.stderr[-2000:]}'
            )
        yield from _counts(ElementTree.parse(report).getroot())


def _counts(report: ElementTree.Element) -> Iterator[Row]:
    tests = list(report.iter('testcase'))
    found = {kind: [t for t in tests if t.find(kind) is not None] for kind in OUTCOMES}
    passed = len(tests) - sum(map(len, found.values()))
    yield {'tests marked cuda': 'passed', 'count': passed, 'which': ''}
    for kind, name in OUTCOMES.items():
        reasons = [f'{t.get("name")}: {_reason(t, kind)}' for t in found[kind]]
        yield {'tests marked cuda': name, 'count': len(reasons), 'which': '<br>'.join(reasons)}


def _reason(test: ElementTree.Element, kind: str) -> str:
    element = test.find(kind)
    message = '' if element is None else element.get('message', '')
    return re.sub(r'\s+', ' ', message)[:200].replace('|', '/')


def cuda_test_files() -> list[str]:
    """The test files that hold tests marked ``cuda``: others need packages that are not there."""
    files = (ROOT / 'tests').rglob('test_*.py')
    return [str(file.relative_to(ROOT)) for file in files if 'mark.cuda' in file.read_text()]


def all_jobs(device: str, quick: bool) -> Iterator[Job]:
    """What is measured, the most informative first."""
    threads = torch.get_num_threads()
    model, batch, repeats = ('test', '4', '1') if quick else ('base', '128', '10')
    step = ['--device', device, '--threads', str(threads), '--repeats', repeats]
    pretrain = [*step, '--model', model, '--batch-size', batch]
    lacking = '' if computes_bfloat16(torch.device(device)) else NO_BFLOAT16
    compared = ['plain', 'eager'] if lacking else ['plain', 'plain-bf16', 'eager', 'bf16']
    if quick:
        compared = [compared[0], compared[-1], '--test']
    others = [*step, '--variants', *compared]

    def step_job(name: str, seconds: float) -> Job:
        missing = lacking if name.endswith('bf16') else ''
        return Job(STEP, name, seconds, pretraining, (name, pretrain), missing)

    seconds = 0.01 if quick else 0.3
    sizes = (2, 5, 24, 32) if quick else (32, 64, 384, 2048)
    yield Job('Environment', 'environment', 30, environment, (device,))
    yield Job('Rate of a matrix product', 'rates', 30, rates, (device, 64 if quick else None))
    forms = (device, threads, seconds, sizes)
    yield Job('The two forms of each layer', 'layers', 60, layers.rows, forms)
    paths = ['tests/ops/test_chamfer.py'] if quick else cuda_test_files()
    yield Job('Tests', 'pytest -m cuda', 90, cuda_tests, (paths, 85))
    live = find_spec('open_clip') is not None
    if not live:
        yield Job(STEP, 'baseline', 0, pretraining, (), 'its live text teacher needs open_clip')
    variants = EAGER if live else ('baseline-image', *EAGER[1:])
    for name in ('baseline-image', 'eager', 'bf16') if quick else variants:
        yield step_job(name, 45)
    for task in ('parts',) if quick else downstream_step.SIZES:
        yield Job(TASKS, task, 45, downstream, (task, others))
    clouds = ops.TEST_CLOUDS if quick else ops.CLOUDS
    points = (device, threads, seconds, clouds)
    yield Job('Operations on points', 'operations', 60, ops.rows, points)
    if not quick:
        section, profiled = 'Operators of a step in bfloat16', ('bf16', pretrain, True)
        yield Job(section, 'bf16', 45, pretraining, profiled, lacking)
    for name in ('traced',) if quick else COMPILED:
        yield step_job(name, 120)


def rows_of(job: Job) -> list[Row]:
    """Runs a job."""
    return list(job.call(*job.args))
