"""Draws the training curves of runs, and prints how long their steps took.

python tools/analysis_tools/analyze_logs.py WORK_DIR [WORK_DIR ...] --out curves.png
... --keys loss loss_reconstruction svm/accuracy    # by default losses and validation metrics
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recon_mm.apis.command_line import CommandParser, command
from recon_mm.apis.validations import read_curves
from recon_mm.utils.figures import save_figure
from recon_mm.visualization import draw_curves


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Draws and prints; returns the exit status."""
    parser = CommandParser(__doc__, prog)
    parser.add_argument('work_dirs', type=Path, nargs='+', help='the work directories of runs')
    parser.add_argument('--keys', nargs='+', help='what to draw')
    parser.add_argument('--out', default='curves.png', help='the picture to write')
    args = parser.parse_args(argv)
    runs = {str(folder): read_curves(folder) for folder in args.work_dirs}
    for name, curves in runs.items():
        if 'time' in curves:
            times = curves['time'][1]
            print(
                f'{name}: {np.mean(times):.4f} s per step, from {min(times):.4f} to '
                f'{max(times):.4f}'
            )
    known = sorted({key for curves in runs.values() for key in curves})
    keys = args.keys or [key for key in known if 'loss' in key or '/' in key]
    if missing := [key for key in keys if key not in known]:
        parser.error(f'--keys: the logs have no {", ".join(missing)}; they have {", ".join(known)}')
    drawn = {
        name: {key: curves[key] for key in keys if key in curves} for name, curves in runs.items()
    }
    save_figure(draw_curves(drawn), args.out)
    print(f'wrote {args.out}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
