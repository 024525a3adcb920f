"""Draws a sheet of clouds of a data set, as its pipeline gives them.

python tools/analysis_tools/browse_dataset.py configs/recon/linear_svm_modelnet40.py --num 24
... --split train --out sheet.html    # a page to rotate them
"""

import sys
from collections.abc import Sequence

from mmengine.registry import init_default_scope

from recon_mm.apis.command_line import command, config_parser, load_config
from recon_mm.apis.pictures import dataset_sheet, save
from recon_mm.registry import DATASETS


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Draws; returns the exit status."""
    parser = config_parser(__doc__, prog)
    parser.add_argument(
        '--split',
        choices=['train', 'val', 'test'],
        default='test',
        help='which data loader of the config',
    )
    parser.add_argument('--num', type=int, default=24, help='how many clouds, spread over the set')
    parser.add_argument('--index', type=int, nargs='+', help='which clouds')
    parser.add_argument('--out', default='dataset.png', help='.png (or .pdf, .svg), .html, .ply')
    args = parser.parse_args(argv)
    cfg = load_config(args)
    loader = cfg.get(f'{args.split}_dataloader')
    if loader is None:
        parser.error(f'--split {args.split}: {args.config} has no {args.split}_dataloader')
    init_default_scope(cfg.get('default_scope', 'recon_mm'))
    dataset = DATASETS.build(loader.dataset)
    parts = getattr(dataset, 'datasets', [dataset])  # of a ConcatDataset
    title = f'{type(parts[0]).__name__}, {args.split}: {len(dataset):,} clouds'
    save(dataset_sheet(dataset, args.num, args.index), args.out, title)
    return 0


if __name__ == '__main__':
    sys.exit(main())
