"""Figures of a trained model's predictions, and what the tools that draw them share."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from mmengine.config import Config
from mmengine.dataset import default_collate

from recon_mm.datasets import PointCloudDataset, ShapeNetPart
from recon_mm.visualization import draw_parts, draw_reconstructions

from .command_line import config_parser, load_config
from .models import init_model

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@torch.no_grad()
def part_figure(model: Any, dataset: ShapeNetPart, indices: Sequence[int]) -> 'Figure':
    """Draws what a ``PartSegmentor`` in eval mode predicts for shapes, below the true parts."""
    batch = default_collate([dataset[i] for i in indices])
    samples = model.test_step(batch)
    classes = dataset.metainfo['classes']
    return draw_parts(
        [points.numpy() for points in batch['inputs']['points']],
        [sample.gt_part.cpu().numpy() for sample in samples],
        [sample.pred_part.cpu().numpy() for sample in samples],
        dataset.metainfo['palette'],
        [classes[dataset.get_cat_ids(i)[0]] for i in indices],
    )


def reconstruction_figure(
    model: Any, dataset: PointCloudDataset, indices: Sequence[int]
) -> 'Figure':
    """Draws how a ``ReCon`` in eval mode reconstructs clouds from their visible patches."""
    samples = [dataset[i] for i in indices]
    batch = model.data_preprocessor(default_collate(samples), training=False)
    points = batch['inputs']['points']
    result = model.reconstruct_clouds(points)
    return draw_reconstructions(
        list(points.cpu().numpy()),
        list(result['visible'].cpu().numpy()),
        list(result['predicted'].cpu().numpy()),
        [sample['data_samples'].sample_id for sample in samples],
    )


def spread_over_categories(categories: Sequence[int], num: int) -> list[int]:
    """Indices of ``num`` samples, spread over the categories that occur."""
    order = sorted(range(len(categories)), key=lambda i: categories[i])
    num = min(num, len(order))
    return [order[i * len(order) // num] for i in range(num)]


def picture_parser(description: str | None, out: str, num: int) -> argparse.ArgumentParser:
    """A parser with the arguments of these tools; ``out`` and ``num`` are defaults."""
    parser = config_parser(description)
    parser.add_argument('checkpoint', help="path of its checkpoint; 'none' for untrained weights")
    parser.add_argument('--out', default=out, help='the picture to write')
    parser.add_argument('--num', type=int, default=num, help='how many clouds, spread over the set')
    parser.add_argument('--index', type=int, nargs='+', help='which clouds of the test split')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    return parser


def load_model(args: argparse.Namespace, task: str) -> tuple[Config, Any]:
    """The config of the command line, and its model in eval mode with its weights.

    Raises:
        SystemExit: If the model is not of the type ``task``.
    """
    checkpoint = None if args.checkpoint == 'none' else args.checkpoint
    model = init_model(load_config(args), checkpoint, args.device)
    found = model.cfg.model.type
    if found != task:
        raise SystemExit(f'{args.config} is for a {found}, this tool draws a {task}')
    return model.cfg, model


def named_clouds(args: argparse.Namespace, count: int) -> list[int]:
    """The clouds that the command line names, if any; SystemExit if one is not below ``count``."""
    for index in args.index or ():
        if not 0 <= index < count:
            raise SystemExit(
                f'--index {index}: the test split has {count} clouds, 0 to {count - 1}'
            )
    return args.index or []


def save(figure: 'Figure', path: str) -> None:
    """Writes a figure, and prints its path."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    print(f'wrote {path}')
