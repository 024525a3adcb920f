"""Draws what a part segmentation model predicts, below the true parts.

python tools/analysis_tools/visualize_part_segmentation.py \
    configs/recon/part_segmentation_shapenetpart.py CHECKPOINT --out parts.png
"""

import argparse
from pathlib import Path

import torch
from mmengine.config import Config, DictAction
from mmengine.dataset import default_collate
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint

import recon_mm  # noqa: F401 - creates the registries
from recon_mm.models import PartSegmentor
from recon_mm.registry import DATASETS, MODELS
from recon_mm.visualization import draw_parts


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='path of a part segmentation config')
    parser.add_argument('checkpoint', help="path of its checkpoint; 'none' for untrained weights")
    parser.add_argument('--out', default='parts.png', help='the picture to write')
    parser.add_argument('--num', type=int, default=6, help='number of shapes, spread over the set')
    parser.add_argument('--index', type=int, nargs='+', help='which shapes of the test split')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='overrides')
    return parser.parse_args()


def choose(categories: list[int], num: int) -> list[int]:
    """``num`` samples whose categories are spread over those that occur."""
    order = sorted(range(len(categories)), key=lambda i: categories[i])
    return [order[i * len(order) // num] for i in range(min(num, len(order)))]


@torch.no_grad()
def main() -> None:
    """Draws."""
    args = parse_args()
    cfg = Config.fromfile(args.config)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    init_default_scope('recon_mm')
    model: PartSegmentor = MODELS.build(cfg.model).to(args.device).eval()
    if args.checkpoint != 'none':
        load_checkpoint(model, args.checkpoint, map_location=args.device)
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    categories = [dataset.get_cat_ids(i)[0] for i in range(len(dataset))]
    chosen = args.index or choose(categories, args.num)
    batch = default_collate([dataset[i] for i in chosen])
    samples = model.test_step(batch)
    figure = draw_parts(
        [points.numpy() for points in batch['inputs']['points']],
        [sample.gt_part.cpu().numpy() for sample in samples],
        [sample.pred_part.cpu().numpy() for sample in samples],
        dataset.metainfo['palette'],
        [dataset.metainfo['classes'][categories[i]] for i in chosen],
    )
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(args.out, dpi=110)
    print(f'wrote {args.out}')


if __name__ == '__main__':
    main()
