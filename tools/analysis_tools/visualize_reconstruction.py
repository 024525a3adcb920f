"""Draws what a pretrained model reconstructs: input, visible patches, reconstruction.

python tools/analysis_tools/visualize_reconstruction.py CONFIG CHECKPOINT --out picture.png
"""

import sys
from collections.abc import Sequence

import torch

from recon_mm.apis.command_line import command
from recon_mm.apis.pictures import (
    load_model,
    named_clouds,
    picture_parser,
    reconstruction_figure,
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
    test = [i for i in range(len(dataset)) if dataset.get_data_info(i)['split'] == 'test']
    spread = torch.linspace(0, len(test) - 1, args.num).long().tolist()
    chosen = [test[i] for i in named_clouds(args, len(test)) or spread]
    save(reconstruction_figure(model, dataset, chosen), args.out)
    return 0


if __name__ == '__main__':
    sys.exit(main())
