"""Draws what a pretrained model reconstructs: input, visible patches, reconstruction.

python tools/analysis_tools/visualize_reconstruction.py CONFIG CHECKPOINT --out picture.png
"""

import argparse

import torch
from mmengine.config import Config
from mmengine.dataset import default_collate

import recon_mm  # noqa: F401 - creates the registries
from recon_mm.apis.picture_tools import load_model, picked, picture_parser, save
from recon_mm.registry import DATASETS
from recon_mm.visualization import draw_reconstructions


def load_clouds(cfg: Config, args: argparse.Namespace) -> tuple[dict, list[str]]:
    """Clouds of the test split of the config's test set, spread evenly, and their names."""
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    test = [i for i in range(len(dataset)) if dataset.get_data_info(i)['split'] == 'test']
    spread = torch.linspace(0, len(test) - 1, args.num).long().tolist()
    samples = [dataset[test[i]] for i in picked(args, len(test)) or spread]
    return default_collate(samples), [sample['data_samples'].sample_id for sample in samples]


def main() -> None:
    """Draws."""
    parser = picture_parser(__doc__, out='reconstruction.png', num=4)
    parser.add_argument('--seed', type=int, default=0, help='decides the masks')
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    cfg, model = load_model(args, 'ReCon')
    batch, names = load_clouds(cfg, args)
    points = model.data_preprocessor(batch, training=False)['inputs']['points']
    result = model.reconstruct_clouds(points)
    figure = draw_reconstructions(
        list(points.cpu().numpy()),
        list(result['visible'].cpu().numpy()),
        list(result['predicted'].cpu().numpy()),
        names,
    )
    save(figure, args.out)


if __name__ == '__main__':
    main()
