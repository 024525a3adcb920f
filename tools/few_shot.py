"""Few-shot classification: trains and tests every fold, and writes the table of mean ± std.

python tools/few_shot.py configs/recon/fewshot_modelnet40.py CHECKPOINT
python tools/few_shot.py configs/recon/fewshot_modelnet40_drawn.py CHECKPOINT --ways 5 --shots 10

The first reads the community's folds, the second draws its own from ModelNet40. Folds run in
parallel, one per GPU; finished ones are kept, so that the same command continues after an
interruption. The accuracy of a fold is that of its last epoch, not of its best on the test shapes.
"""

import argparse
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

from recon_mm.apis.command_line import check_weights, command, config_parser, load_config
from recon_mm.apis.few_shot import Fold, markdown, run_few_shot


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = config_parser(__doc__)
    parser.add_argument('checkpoint', help="pretrained weights; 'none' to train from scratch")
    parser.add_argument('--work-dir', help='where results, logs and the table go')
    parser.add_argument('--ways', type=int, nargs='+', default=[5, 10])
    parser.add_argument('--shots', type=int, nargs='+', default=[10, 20])
    parser.add_argument('--folds', type=int, nargs='+', default=list(range(10)))
    parser.add_argument(
        '--jobs', type=int, help='folds to run in parallel (default: one per GPU, else one)'
    )
    return parser.parse_args(argv)


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs what is missing, then prints the table; returns the exit status."""
    args = parse_args(argv)
    work_dir = Path(args.work_dir or f'work_dirs/{Path(args.config).stem}')
    cfg = load_config(args)
    cfg.load_from = None if args.checkpoint == 'none' else str(Path(args.checkpoint).resolve())
    check_weights(cfg)
    folds = list(itertools.starmap(Fold, itertools.product(args.ways, args.shots, args.folds)))
    rows = run_few_shot(cfg, work_dir, folds, args.jobs)
    print(f'\n{markdown(rows)}\nwritten to {work_dir}/few_shot.md and few_shot.json')
    return 0


if __name__ == '__main__':
    sys.exit(main())
