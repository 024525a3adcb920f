"""Trains for an hour with validation and checkpoints, and watches memory, open files, processes.

    RECON_DATA=data/demo python -m benchmarks.soak --minutes 60

Trains ``configs/recon/pretrain_demo_no_teachers.py`` by ``tools/train.py`` with two persistent
workers, a validation and a checkpoint every second epoch, and prints one line per minute. Exit
status 1 if the memory of all its processes in the last ten minutes is more than 2 % above that of
the ten minutes after the first five, or if the number of open files or processes has grown.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
SETTLED = 5  # minutes until memory has found its size
WINDOW = 10  # minutes whose largest usage is compared


class Usage(NamedTuple):
    """What a run holds."""

    memory: (
        float  # of all its processes, MB: anonymous pages, shared ones once. (Those of libraries
    )
    # are shared with whatever else runs.)
    files: int
    processes: int


def usage(pid: int) -> Usage:
    """Of a process and all its descendants."""
    parents = {}
    for path in Path('/proc').glob('[0-9]*/stat'):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(')')[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has just ended
    family = {pid}
    while grown := {child for child, parent in parents.items() if parent in family} - family:
        family |= grown
    memory, files = 0, 0
    for member in family:
        rollup = Path(f'/proc/{member}/smaps_rollup').read_text()
        memory += next(
            int(row.split()[1]) for row in rollup.splitlines() if row.startswith('Pss_Anon:')
        )
        files += len(os.listdir(f'/proc/{member}/fd'))
    return Usage(memory / 1024, files, len(family))


def main() -> int:
    """Runs the command; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('--minutes', type=float, default=60)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, 'tools/train.py', 'configs/recon/pretrain_demo_no_teachers.py'),
            *('--work-dir', folder, '--cfg-options', 'train_cfg.max_epochs=100000'),
            *('train_cfg.val_interval=2', 'default_hooks.checkpoint.interval=2'),
        ]
        with open(f'{folder}/output.txt', 'w') as output:
            run = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
        rows: list[Usage] = []
        start = time.monotonic()
        while run.poll() is None and time.monotonic() - start < args.minutes * 60:
            time.sleep(60)
            # The largest of some: a worker or a validation may just be between two batches.
            looks = [usage(run.pid) for _ in range(5) if not time.sleep(1)]
            rows.append(max(looks))
            minute = (time.monotonic() - start) / 60
            print(
                f'{minute:5.1f} min  {rows[-1].memory:8.1f} MB  {rows[-1].files} files  '
                f'{rows[-1].processes} processes',
                flush=True,
            )
        ended = run.poll()
        run.send_signal(signal.SIGTERM)
        run.wait()
        last = sorted(path.name for path in Path(folder).glob('*.pth'))
        tail = Path(f'{folder}/output.txt').read_text().splitlines()[-3:]
    if ended is not None:
        print('\n'.join(['the run has ended by itself:', *tail]))
        return 1
    # A validation holds more than a training step: the largest of some minutes is compared.
    settled, end = (
        Usage(*map(max, zip(*part))) for part in (rows[SETTLED:][:WINDOW], rows[-WINDOW:])
    )
    growth = end.memory / settled.memory - 1
    print(f'{settled} -> {end}: memory {growth:+.1%}; checkpoints {last}; last line: {tail[-1]}')
    return int(growth > 0.02 or end.files > settled.files or end.processes > settled.processes)


if __name__ == '__main__':
    sys.exit(main())
