"""What models see in clouds, as rows of pictures, and what the tools that draw them share."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import default_collate
from torch import Tensor

from recon_mm.datasets import PointCloudDataset
from recon_mm.visualization import (
    ColoredCloud,
    attention_clouds,
    class_cloud,
    in_rows,
    labeled_cloud,
    part_clouds,
    plain_cloud,
    read_attention,
    reconstructed_rows,
    save_rows,
    token_names,
)

from .command_line import config_parser, load_config
from .models import init_model

Rows = list[list[ColoredCloud]]


@torch.no_grad()
def part_rows(model: Any, dataset: PointCloudDataset, indices: Sequence[int]) -> Rows:
    """Of each shape or scene the true parts and those that a ``PartSegmentor`` predicts."""
    batch = default_collate([dataset[i] for i in indices])
    samples = model.test_step(batch)
    meta = dataset.metainfo
    infos = [dataset.get_data_info(i) for i in indices]
    return [
        part_clouds(
            upright(points.numpy(), meta),
            sample.pred_part.cpu().numpy(),
            sample.gt_part.cpu().numpy(),
            names=part_names(meta),
            palette=meta['palette'],
            parts=meta['parts'][info['category']] if 'parts' in meta else None,
            title=cloud_name(info, meta),
        )
        for points, sample, info in zip(batch['inputs']['points'], samples, infos)
    ]


@torch.no_grad()
def class_rows(model: Any, dataset: PointCloudDataset, indices: Sequence[int]) -> Rows:
    """Clouds under the class that a ``PointClassifier`` in eval mode predicts, right or wrong."""
    batch = default_collate([dataset[i] for i in indices])
    classes = dataset.metainfo['classes']
    clouds = [
        class_cloud(
            upright(points.numpy(), dataset.metainfo),
            classes[int(sample.pred_label)],
            float(sample.pred_score.max()),
            classes[int(sample.gt_label)],
        )
        for points, sample in zip(batch['inputs']['points'], model.test_step(batch))
    ]
    return in_rows(clouds)


def reconstruction_rows(model: Any, dataset: PointCloudDataset, indices: Sequence[int]) -> Rows:
    """How a ``ReCon`` in eval mode reconstructs clouds from their visible patches."""
    return reconstructed_rows(model, *batch_of(model, dataset, indices))


def attention_rows(
    model: Any, dataset: PointCloudDataset, indices: Sequence[int], block: int = -1
) -> Rows:
    """Which places of each cloud the global tokens of a model in eval mode read."""
    points, names = batch_of(model, dataset, indices)
    backbone = model.backbone
    attention, features = read_attention(backbone, points, block)
    tokens = token_names(backbone)
    places, centers, weights = (
        tensor.float().cpu().numpy() for tensor in (points[..., :3], features.center, attention)
    )
    return [
        attention_clouds(*row, names=tokens, title=name)
        for *row, name in zip(places, centers, weights, names)
    ]


@torch.no_grad()
def read_features(model: Any, loader: Any) -> tuple[np.ndarray, np.ndarray]:
    """The features of all clouds of a loader, as the linear SVM reads them.

    Args:
        model: In eval mode.
        loader: Yields batches of samples.

    Returns:
        Features ``(S, 2 C)`` and category of each cloud, int ``(S,)``.
    """
    features, labels = [], []
    for batch in loader:
        data = model.data_preprocessor(batch, training=False)
        features.append(model.extract_feat(data['inputs']['points'], 'probing').float().cpu())
        labels += [int(sample.gt_label) for sample in data['data_samples']]
    return torch.cat(features).numpy(), np.array(labels)


@torch.no_grad()
def predicted_classes(model: Any, loader: Any) -> tuple[Tensor, Tensor]:
    """True and predicted class of all clouds of a loader, int64 ``(S,)`` each, on the CPU."""
    samples = [sample for batch in loader for sample in model.test_step(batch)]
    fields = ('gt_label', 'pred_label')
    truth, predicted = (
        torch.cat([sample.get(name).cpu().reshape(1) for sample in samples]) for name in fields
    )
    return truth, predicted


def dataset_sheet(dataset: Any, num: int, indices: Sequence[int] | None = None) -> Rows:
    """Clouds of a data set under their class, or in the colors of their parts.

    Args:
        dataset: With its pipeline.
        num: How many, spread over the categories.
        indices: Which ones, instead.
    """
    count = len(dataset)
    if indices and not 0 <= min(indices) <= max(indices) < count:
        raise ValueError(f'--index {indices}: the set has {count} clouds, 0 to {count - 1}')
    categories = [dataset.get_data_info(i).get('category', 0) for i in range(count)]
    chosen = indices or spread_over_categories(categories, num)
    meta, clouds = dataset.metainfo, []
    for i in chosen:
        sample = dataset[i]
        points = upright(np.asarray(sample['inputs']['points']), meta)
        title = f'{i}: {cloud_name(dataset.get_data_info(i), meta)}'
        labels = sample['data_samples'].get('gt_part')
        if labels is None:
            clouds.append(plain_cloud(points, title))
        else:
            names = part_names(meta)
            clouds.append(labeled_cloud(points, labels.numpy(), names, meta['palette'], title))
    return in_rows(clouds)


def upright(points: np.ndarray, meta: Mapping[str, Any]) -> np.ndarray:
    """The coordinates of points ``(N, 3 or more)``, y up, as pictures show them."""
    x, y, z = points[:, :3].T
    return np.stack([x, z, -y] if meta.get('up') == 'z' else [x, y, z], axis=1)


def cloud_name(info: Mapping[str, Any], meta: Mapping[str, Any]) -> str:
    """The class of an entry in a list of samples; its sample id where it has none."""
    return meta['classes'][info['category']] if 'category' in info else info['sample_id']


def part_names(meta: Mapping[str, Any]) -> Sequence[str]:
    """The names of a data set's parts (of a scene: its classes), by its ``metainfo``."""
    numbers = [f'part {i}' for i in range(len(meta['palette']))]
    return meta.get('part_names') or (numbers if 'parts' in meta else meta['classes'])


def batch_of(
    model: Any, dataset: PointCloudDataset, indices: Sequence[int]
) -> tuple[Tensor, list[str]]:
    """Clouds as the model gets them in the test ``(B, N, 3)``, and their names."""
    samples = [dataset[i] for i in indices]
    data = model.data_preprocessor(default_collate(samples), training=False)
    return data['inputs']['points'], [str(s['data_samples'].sample_id) for s in samples]


def spread_over_categories(categories: Sequence[int], num: int) -> list[int]:
    """Indices of ``num`` samples, spread over the categories that occur."""
    order = sorted(range(len(categories)), key=lambda i: categories[i])
    num = min(num, len(order))
    return [order[i * len(order) // num] for i in range(num)]


def picture_parser(description: str | None, out: str, num: int) -> argparse.ArgumentParser:
    """A parser with the arguments of these tools; ``out`` and ``num`` are defaults."""
    parser = config_parser(description)
    parser.add_argument('checkpoint', help="path of its checkpoint; 'none' for untrained weights")
    parser.add_argument(
        '--out', default=out, help='the picture to write: .png (or .pdf, .svg), .html, .ply'
    )
    parser.add_argument('--num', type=int, default=num, help='how many clouds, spread over the set')
    parser.add_argument('--index', type=int, nargs='+', help='which clouds of the test split')
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    return parser


def load_model(args: argparse.Namespace, task: str | None = None) -> tuple[Config, Any]:
    """The config of the command line, and its model in eval mode with its weights.

    Raises:
        SystemExit: If the model is not of the type ``task``.
    """
    checkpoint = None if args.checkpoint == 'none' else args.checkpoint
    model = init_model(load_config(args), checkpoint, args.device)
    found = model.cfg.model.type
    if task is not None and found != task:
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


def chosen_test_clouds(args: argparse.Namespace, dataset: PointCloudDataset) -> list[int]:
    """The clouds of the test split that the command line names, else ``--num`` spread over it."""
    test = [i for i in range(len(dataset)) if dataset.get_data_info(i)['split'] == 'test']
    spread = np.linspace(0, len(test) - 1, min(args.num, len(test))).astype(int).tolist()
    return [test[i] for i in named_clouds(args, len(test)) or spread]


def save(rows: Rows, path: str, title: str = '') -> None:
    """Writes rows of clouds as the suffix says, and prints the path."""
    save_rows(rows, path, title)
    print(f'wrote {Path(path)}')
