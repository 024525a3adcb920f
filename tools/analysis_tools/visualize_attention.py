"""Draws which places of a cloud each global token of a model reads.

python tools/analysis_tools/visualize_attention.py CONFIG CHECKPOINT --out attention.png
... --block 3 --out attention.html    # of the fourth block; a page to rotate them
"""

import sys
from collections.abc import Sequence

from recon_mm.apis.command_line import command
from recon_mm.apis.pictures import (
    attention_rows,
    chosen_test_clouds,
    load_model,
    picture_parser,
    save,
)
from recon_mm.registry import DATASETS


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Draws; returns the exit status."""
    parser = picture_parser(__doc__, out='attention.png', num=4)
    parser.add_argument('--block', type=int, default=-1, help='which block, from 0; default: last')
    args = parser.parse_args(argv)
    cfg, model = load_model(args)
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    save(attention_rows(model, dataset, chosen_test_clouds(args, dataset), args.block), args.out)
    return 0


if __name__ == '__main__':
    sys.exit(main())
