"""Draws what a pretrained model reconstructs: input, hidden patches, reconstruction, error.

python tools/analysis_tools/visualize_reconstruction.py CONFIG CHECKPOINT --out picture.png
... --out picture.html    # a page to rotate them
"""

import sys
from collections.abc import Sequence

import torch

from recon_mm.apis.command_line import command
from recon_mm.apis.pictures import (
    chosen_test_clouds,
    load_model,
    picture_parser,
    reconstruction_rows,
    save,
)
from recon_mm.registry import DATASETS


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Draws; returns the exit status."""
    parser = picture_parser(__doc__, out='reconstruction.png', num=4)
    parser.add_argument('--seed', type=int, default=0, help='decides the masks')
    args = parser.parse_args(argv)
    torch.manual_seed(args.seed)
    cfg, model = load_model(args, 'ReCon')
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    save(reconstruction_rows(model, dataset, chosen_test_clouds(args, dataset)), args.out)
    return 0


if __name__ == '__main__':
    sys.exit(main())
