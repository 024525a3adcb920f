"""Draws the parts (of scenes: classes) that a model predicts, beside the true ones, with their IoU.

python tools/analysis_tools/visualize_part_segmentation.py \
    configs/recon/part_segmentation_shapenetpart.py CHECKPOINT --out parts.png
... --out parts.html    # a page to rotate them
"""

import sys
from collections.abc import Sequence

from recon_mm.apis.command_line import command
from recon_mm.apis.pictures import (
    load_model,
    named_clouds,
    part_rows,
    picture_parser,
    save,
    spread_over_categories,
)
from recon_mm.registry import DATASETS


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Draws; returns the exit status."""
    args = picture_parser(__doc__, out='parts.png', num=6).parse_args(argv)
    cfg, model = load_model(args, 'PartSegmentor')
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    categories = [dataset.get_data_info(i).get('category', 0) for i in range(len(dataset))]
    chosen = named_clouds(args, len(dataset)) or spread_over_categories(categories, args.num)
    save(part_rows(model, dataset, chosen), args.out)
    return 0


if __name__ == '__main__':
    sys.exit(main())
