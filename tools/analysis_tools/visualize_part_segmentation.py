"""Draws what a part segmentation model predicts, below the true parts.

python tools/analysis_tools/visualize_part_segmentation.py \
    configs/recon/part_segmentation_shapenetpart.py CHECKPOINT --out parts.png
"""

import torch
from mmengine.dataset import default_collate

import recon_mm  # noqa: F401 - creates the registries
from recon_mm.apis.picture_tools import load_model, picked, picture_parser, save
from recon_mm.registry import DATASETS
from recon_mm.visualization import draw_parts


def spread(categories: list[int], num: int) -> list[int]:
    """``num`` samples whose categories are spread over those that occur."""
    order = sorted(range(len(categories)), key=lambda i: categories[i])
    num = min(num, len(order))
    return [order[i * len(order) // num] for i in range(num)]


@torch.no_grad()
def main() -> None:
    """Draws."""
    args = picture_parser(__doc__, out='parts.png', num=6).parse_args()
    cfg, model = load_model(args, 'PartSegmentor')
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    categories = [dataset.get_cat_ids(i)[0] for i in range(len(dataset))]
    chosen = picked(args, len(dataset)) or spread(categories, args.num)
    batch = default_collate([dataset[i] for i in chosen])
    samples = model.test_step(batch)
    figure = draw_parts(
        [points.numpy() for points in batch['inputs']['points']],
        [sample.gt_part.cpu().numpy() for sample in samples],
        [sample.pred_part.cpu().numpy() for sample in samples],
        dataset.metainfo['palette'],
        [dataset.metainfo['classes'][categories[i]] for i in chosen],
    )
    save(figure, args.out)


if __name__ == '__main__':
    main()
