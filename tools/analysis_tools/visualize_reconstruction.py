"""Draws what a pretrained model reconstructs: input, visible patches, reconstruction.

python tools/analysis_tools/visualize_reconstruction.py CONFIG CHECKPOINT --out picture.png
"""

import argparse
from pathlib import Path

import torch
from mmengine.config import Config, DictAction
from mmengine.dataset import default_collate
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint

import recon_mm  # noqa: F401 - creates the registries
from recon_mm.models import ReCon
from recon_mm.registry import DATASETS, MODELS
from recon_mm.visualization import draw_reconstructions


def parse_args() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('config', help='path of a pretraining config')
    parser.add_argument('checkpoint', help='path of its checkpoint')
    parser.add_argument('--out', default='reconstruction.png', help='the picture to write')
    parser.add_argument('--num', type=int, default=4, help='number of clouds')
    parser.add_argument('--index', type=int, nargs='+', help='which clouds of the test split')
    parser.add_argument('--seed', type=int, default=0, help='decides clouds and masks')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, help='overrides')
    return parser.parse_args()


def load_clouds(cfg: Config, indices: list[int] | None, num: int) -> tuple[dict, list[str]]:
    """Clouds of the test split of the config's test set, spread evenly, and their names."""
    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    test = [i for i in range(len(dataset)) if dataset.get_data_info(i)['split'] == 'test']
    spread = torch.linspace(0, len(test) - 1, num).long().tolist()
    samples = [dataset[test[i]] for i in indices or spread]
    return default_collate(samples), [sample['data_samples'].sample_id for sample in samples]


def main() -> None:
    """Draws."""
    args = parse_args()
    torch.manual_seed(args.seed)
    cfg = Config.fromfile(args.config)
    if args.cfg_options:
        cfg.merge_from_dict(args.cfg_options)
    init_default_scope('recon_mm')
    model: ReCon = MODELS.build(cfg.model).to(args.device).eval()
    load_checkpoint(model, args.checkpoint, map_location=args.device)
    batch, names = load_clouds(cfg, args.index, args.num)
    points = model.data_preprocessor(batch, training=False)['inputs']['points']
    result = model.reconstruct_clouds(points)
    figure = draw_reconstructions(
        list(points.cpu().numpy()),
        list(result['visible'].cpu().numpy()),
        list(result['predicted'].cpu().numpy()),
        names,
    )
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(args.out, dpi=110)
    print(f'wrote {args.out}')


if __name__ == '__main__':
    main()
