r"""Measures what depends on the GPU, in under nine minutes; writes one Markdown and one JSON file.

    python -m benchmarks.gpu [--out work_dirs/gpu_benchmark]

The tests marked ``cuda``, the two forms of each layer (what ``FAST_ON`` is set from), operations on
points against plain ones and mmcv's, the pretraining step with each of its switches, fine-tuning
and inference, peak memory, and the share of the measured matrix rate. Each measurement runs in its
own process with a share of the time; one that fails or takes longer is reported with its
error, the others continue, and the exit status is 1.

A machine without network access needs torch, timm, numpy, opencv, matplotlib, rich, pyyaml and
filelock, and a few pure Python wheels. Download them elsewhere, then install them there:

    pip download --no-deps -d wheels mmengine mmcv-lite==2.1.0 addict termcolor yapf platformdirs \
        'setuptools<81' open_clip_torch ftfy 'wcwidth<0.3'
    pip install --no-index --no-deps wheels/*.whl

Without open_clip the rows with a live text teacher are left out; with an mmcv built with CUDA ops
in place of mmcv-lite, its operations are compared, too.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import torch

from .gpu_jobs import STEP, TASKS, Job, all_jobs, rows_of
from .process import run_alone
from .table import Row, lines

LEAST = 5.0  # seconds; with less left nothing is started


def parse_args(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--out', type=Path, default=Path('work_dirs/gpu_benchmark'))
    parser.add_argument('--device', default='cuda')
    parser.add_argument('--quick', action='store_true', help='tiny sizes: does the command work?')
    parser.add_argument('--seconds', type=float, default=510, help='after which nothing is left')
    return parser.parse_args(arguments)


def run_jobs(jobs: Iterable[Job], seconds: float) -> list[dict[str, Any]]:
    """Runs jobs until the time is spent; returns the result of each, or why it has none."""
    end = time.monotonic() + seconds
    found = []
    for job in jobs:
        start = time.monotonic()
        left = end - start
        entry: dict[str, Any] = {'section': job.section, 'name': job.name, 'rows': []}
        found.append(entry)
        if job.missing or left < LEAST:
            entry['left out'] = job.missing or f'the {seconds:.0f} s of this run are spent'
        else:
            try:
                entry['rows'] = run_alone(min(job.seconds, left), rows_of, job)
            except (RuntimeError, TimeoutError) as error:
                entry['error'] = str(error)
        entry['seconds'] = time.monotonic() - start
        told = entry.get('left out') or entry.get('error', '').strip().split('\n')[-1] or 'done'
        print(f'{job.section}: {job.name}: {told} ({entry["seconds"]:.1f} s)', flush=True)
    return found


def add_ratios(found: list[dict[str, Any]]) -> None:
    """How many times faster each step is than the first of its task and batch."""
    first: dict[tuple, Row] = {}
    for entry in found:
        for row in entry['rows'] if entry['section'] in (STEP, TASKS) else ():
            baseline = first.setdefault((row.get('task'), row.get('batch')), row)
            row['times faster'] = baseline['step, ms'] / row['step, ms']
            row['than'] = baseline['variant']


def markdown(found: list[dict[str, Any]]) -> str:
    """The report: a table for each section, and what was left out or failed below it."""
    parts = ['# Measurements on a GPU', '`python -m benchmarks.gpu`']
    for section in dict.fromkeys(entry['section'] for entry in found):
        entries = [entry for entry in found if entry['section'] == section]
        parts.append(f'## {section}')
        parts.append('\n'.join(lines(row for entry in entries for row in entry['rows'])))
        for entry in entries:
            if 'left out' in entry:
                parts.append(f'Left out: {entry["name"]}: {entry["left out"]}.')
            if 'error' in entry:
                parts.append(f'FAILED: {entry["name"]}\n\n```\n{entry["error"][-3000:]}\n```')
    return '\n\n'.join(part for part in parts if part) + '\n'


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command.

    Returns:
        The exit status: 1 if a measurement or a test failed.
    """
    args = parse_args(arguments)
    if args.device.startswith('cuda') and not torch.cuda.is_available():
        raise SystemExit('there is no CUDA device here; --device cpu --quick tries the command')
    found = run_jobs(all_jobs(args.device, args.quick), args.seconds)
    add_ratios(found)
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / 'results.md').write_text(markdown(found))
    (args.out / 'results.json').write_text(json.dumps(found, indent=1))
    print(f'written: {args.out}/results.md, {args.out}/results.json')
    broken = [
        row
        for entry in found
        for row in entry['rows']
        if row.get('tests marked cuda', '').startswith(('failed', 'not')) and row['count']
    ]
    return int(bool(broken) or any('error' in entry for entry in found))


if __name__ == '__main__':
    sys.exit(main())
