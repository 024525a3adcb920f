"""Draws clouds under the class that a classifier predicts: blue if right, orange if wrong.

python tools/analysis_tools/visualize_classification.py CONFIG CHECKPOINT --out classes.png
"""

import sys
from collections.abc import Sequence

from recon_mm.apis.command_line import command
from recon_mm.apis.pictures import (
    class_rows,
    load_model,
    named_clouds,
    picture_parser,
    save,
    spread_over_categories,
)
from recon_mm.registry import DATASETS


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Draws; returns the exit status."""
    args = picture_parser(__doc__, out='classes.png', num=12).parse_args(argv)
    cfg, model = load_model(args, 'PointClassifier')
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    categories = [dataset.get_data_info(i)['category'] for i in range(len(dataset))]
    chosen = named_clouds(args, len(dataset)) or spread_over_categories(categories, args.num)
    save(class_rows(model, dataset, chosen), args.out)
    return 0


if __name__ == '__main__':
    sys.exit(main())
