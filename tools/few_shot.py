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
from pathlib import Path

from mmengine.config import Config, DictAction

from recon_mm.apis.few_shot import Fold, markdown, run_few_shot


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='path of a few-shot config')
    parser.add_argument('checkpoint', help="pretrained weights; 'none' to train from scratch")
    parser.add_argument('--work-dir', help='where results, logs and the table go')
    parser.add_argument('--ways', type=int, nargs='+', default=[5, 10])
    parser.add_argument('--shots', type=int, nargs='+', default=[10, 20])
    parser.add_argument('--folds', type=int, nargs='+', default=list(range(10)))
    parser.add_argument(
        '--jobs', type=int, help='folds to run in parallel (default: one per GPU, else one)'
    )
    parser.add_argument(
        '--cfg-options', nargs='+', action=DictAction, help='overrides, as key=value'
    )
    return parser.parse_args()


def main() -> None:
    """Runs what is missing, then prints the table."""
    args = parse_args()
    work_dir = Path(args.work_dir or f'work_dirs/{Path(args.config).stem}')
    cfg = Config.fromfile(args.config)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    cfg.load_from = None if args.checkpoint == 'none' else str(Path(args.checkpoint).resolve())
    folds = list(itertools.starmap(Fold, itertools.product(args.ways, args.shots, args.folds)))
    try:
        rows = run_few_shot(cfg, work_dir, folds, args.jobs)
    except FileExistsError as error:
        sys.exit(str(error))
    print(f'\n{markdown(rows)}\nwritten to {work_dir}/few_shot.md and few_shot.json')


if __name__ == '__main__':
    main()
