"""What the quick start prints, for several seeds: losses and the SVM's accuracy.

    python -m benchmarks.quickstart_seeds DATA --out OUT

DATA is the quick start's data/demo, with the features of the teachers. A run that is complete in
OUT/<seed> is read, one that was stopped goes on.
"""

import argparse
import os
import resource
from collections.abc import Iterator
from pathlib import Path

from recon_mm.apis.validations import read_losses, read_validations

from .demo_chain import NO_WORKERS, config, run
from .table import Row, print_table


def is_complete(work_dir: Path) -> bool:
    """Whether the trained network was validated."""
    return any(work_dir.glob('*/vis_data/scalars.json')) and max(read_validations(work_dir)) > 0


def rows(out: Path, seeds: int) -> Iterator[Row]:
    """A row per seed; CPU time only of what was trained now."""
    for seed in range(seeds):
        work_dir, before = out / str(seed), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        if not is_complete(work_dir):
            run(
                *('train.py', config('pretrain_demo_trained'), '--resume', '--work-dir', work_dir),
                *('--cfg-options', f'randomness.seed={seed}', *NO_WORKERS),
            )
        seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        validations, losses = read_validations(work_dir), read_losses(work_dir)
        untrained, trained = (
            next(iter(validations[epoch].values())) for epoch in (0, max(validations))
        )
        yield {
            'seed': seed,
            **{name: f'{first:.4f} -> {last:.4f}' for name, (first, last) in losses.items()},
            'untrained, %': f'{untrained:.1f}',
            'pretrained, %': f'{trained:.1f}',
            'gain': f'{trained - untrained:+.1f}',
            'CPU s': f'{seconds:.0f}' if seconds > 1 else '',
        }


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('data', type=Path, help='the demo data')
    parser.add_argument('--out', type=Path, required=True, help='where the runs go')
    parser.add_argument('--seeds', type=int, default=5, help='seeds 0 to N-1')
    args = parser.parse_args()
    os.environ['RECON_DATA'] = str(args.data.absolute())
    print_table(rows(args.out, args.seeds))


if __name__ == '__main__':
    main()
