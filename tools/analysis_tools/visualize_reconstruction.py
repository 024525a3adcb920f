"""Draws what a pretrained model reconstructs: input, visible patches, reconstruction.

python tools/analysis_tools/visualize_reconstruction.py CONFIG CHECKPOINT --out picture.png
"""

import torch

from recon_mm.apis.pictures import (
    load_model,
    named_clouds,
    picture_parser,
    reconstruction_figure,
    save,
)
from recon_mm.registry import DATASETS


def main() -> None:
    """Draws."""
    parser = picture_parser(__doc__, out='reconstruction.png', num=4)
    parser.add_argument('--seed', type=int, default=0, help='decides the masks')
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    cfg, model = load_model(args, 'ReCon')
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    test = [i for i in range(len(dataset)) if dataset.get_data_info(i)['split'] == 'test']
    spread = torch.linspace(0, len(test) - 1, args.num).long().tolist()
    chosen = [test[i] for i in named_clouds(args, len(test)) or spread]
    save(reconstruction_figure(model, dataset, chosen), args.out)


if __name__ == '__main__':
    main()
