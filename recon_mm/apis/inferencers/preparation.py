"""Clouds as a model was tested with them: rotated, normalized and sampled, of any sizes at once."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.config import Config
from torch import Tensor

from recon_mm.datasets.shape_files import to_y_up
from recon_mm.models.data_preprocessor import BatchFurthestPointSample
from recon_mm.registry import TRANSFORMS

# The color of a cloud without colors, as in the training of models that see some.
GRAY = 0.4
# How many times its points a cloud may be padded to, to be sampled together with larger ones: on
# a GPU a batch takes as long as a cloud, on the CPU every point takes its time.
SLACK = {'cuda': 2.0}


class Batch(NamedTuple):
    """Prepared clouds.

    Attributes:
        points: ``(B, M, channels)`` as the model expects them, on its device.
        index: int64 ``(B, M)``: the row of each point in its cloud.
        clouds: The clouds as they came, each float32 ``(N, 3)`` on the device, N of its own.
        rotation: ``(3, 3)``, to y up.
    """

    points: Tensor
    index: Tensor
    clouds: list[Tensor]
    rotation: Tensor

    def frames(self) -> tuple[Tensor, Tensor]:
        """Scale ``(B, 1, 1)`` and shift ``(B, 1, 3)`` that undo the normalization."""
        chosen = [cloud[rows] for cloud, rows in zip(self.clouds, self.index)]
        before = torch.stack(chosen) @ self.rotation.T  # (B, M, 3)
        after = self.points[..., :3]
        means = before.mean(1, keepdim=True), after.mean(1, keepdim=True)
        spreads = [
            (points - mean).square().sum((1, 2), keepdim=True).sqrt()
            for points, mean in zip((before, after), means)
        ]
        scale = spreads[0] / spreads[1].clamp(min=1e-12)
        return scale, means[0] - scale * means[1]

    def restore(self, points: Tensor) -> Tensor:
        """Points ``(B, K, 3)`` of the model's space in the coordinates of the input."""
        scale, shift = self.frames()
        return (scale * points + shift) @ self.rotation

    def normalized_clouds(self) -> list[Tensor]:
        """All points of each cloud ``(N, 3)`` in the model's space."""
        scale, shift = self.frames()
        return [
            (cloud @ self.rotation.T - offset) / factor
            for cloud, factor, offset in zip(self.clouds, scale, shift)
        ]


class Preparation:
    """Does to clouds what the test of a config does before the model sees them.

    Args:
        cfg: The config; the steps on points in the pipeline of its test set are used.
        preprocessor: The model's data preprocessor; its batch transforms for tests are used.
        up: Which axis points up in the clouds, ``'-z'`` is one, too; the models are trained with
            y up.
        channels: Numbers per point that the model sees; those after x y z are gray.

    Raises:
        ValueError: If ``up`` is no axis.
    """

    def __init__(self, cfg: Config, preprocessor: Any, up: str = 'y', channels: int = 3) -> None:
        self.up, self.channels = up, channels
        self.rotation = to_y_up(np.eye(3, dtype=np.float32), up).T.astype(np.float32)
        self.steps = [TRANSFORMS.build(step) for step in test_steps(cfg)]
        self.transforms: Sequence[Any] = preprocessor.test_transforms

    def __str__(self) -> str:
        """What is done, in one line for the log."""
        rotated = [] if self.up == 'y' else [f'rotated from {self.up} up to y up']
        done = [_describe(step) for step in (*self.steps, *self.transforms)]
        gray = [] if self.channels == 3 else [f'without its colors, all are {GRAY}']
        return ', '.join([*rotated, *done, *gray]) or 'used as it is'

    @property
    def num_points(self) -> int:
        """The fewest points that the batch transforms take."""
        return max((getattr(step, 'num_points', 1) for step in self.transforms), default=1)

    def prepare(self, cloud: np.ndarray) -> np.ndarray:
        """Prepares one cloud ``(N, 3)``.

        Returns:
            ``(N', 4)``: its points, and the row of each in the cloud. A cloud with too few points
            is filled up with its own.
        """
        if self.up != 'y':
            cloud = cloud @ self.rotation.T
        rows = np.arange(len(cloud), dtype=np.float32)[:, None]  # exact up to 16 million
        results = {'points': np.concatenate([cloud, rows], axis=1)}
        for step in self.steps:
            results = step(results)
        points = results['points']
        missing = self.num_points > len(points)
        return np.resize(points, (self.num_points, 4)) if missing else points

    @torch.inference_mode()
    def batch(
        self, clouds: Sequence[np.ndarray], prepared: Sequence[np.ndarray], device: torch.device
    ) -> Batch:
        """Brings clouds to the device and applies the batch transforms.

        Args:
            clouds: As they were read, ``(N, 3)`` each.
            prepared: What :meth:`prepare` made of them.
            device: Where the model is.

        Raises:
            ValueError: If the config does not bring clouds to the same number of points.
        """
        tensors = [torch.from_numpy(points).to(device) for points in prepared]
        for transform in self.transforms:
            tensors = apply(transform, tensors)
        if len({len(points) for points in tensors}) > 1:
            raise ValueError(
                'the test of this config does not bring clouds to the same number of points: add '
                'SamplePoints to its pipeline, or BatchFurthestPointSample to the test_transforms '
                'of the data_preprocessor'
            )
        stacked = torch.stack(tensors)  # (B, M, 4)
        points = stacked[..., :3].contiguous()
        if self.channels > 3:
            points = F.pad(points, (0, self.channels - 3), value=GRAY)
        return Batch(
            points,
            stacked[..., 3].long(),
            [torch.from_numpy(cloud).to(device) for cloud in clouds],
            torch.from_numpy(self.rotation).to(device),
        )


def test_dataset(cfg: Any) -> Any:
    """The config of the test set, or of the validation set; the first of several."""
    for split in ('test', 'val'):
        dataset = (cfg.get(f'{split}_dataloader') or {}).get('dataset') or {}
        while 'dataset' in dataset or dataset.get('datasets'):
            dataset = dataset['dataset'] if 'dataset' in dataset else dataset['datasets'][0]
        if dataset:
            return dataset
    return {}


def test_steps(cfg: Any) -> list[dict]:
    """The steps on points in the pipeline of the test set: no reading, no packing, no images."""
    steps = [dict(step) for step in test_dataset(cfg).get('pipeline', ())]
    kinds = [str(step['type']).rpartition('.')[2] for step in steps]
    return [
        step
        for step, kind in zip(steps, kinds)
        if not kind.startswith(('Load', 'Pack')) and 'Image' not in kind
    ]


def apply(transform: Callable[[Tensor], Tensor], clouds: list[Tensor]) -> list[Tensor]:
    """Applies a batch transform to clouds ``(N, C)`` with N of their own.

    Sampling goes over several clouds at once, padded with their first point: its distance to what
    is selected is zero from the start, so it is never selected again.
    """
    pads = isinstance(transform, BatchFurthestPointSample)
    slack = SLACK.get(clouds[0].device.type, 1.0) if pads else 1.0
    first = {}  # the smallest of the group that a cloud of this size belongs to
    smallest = 0
    for size in sorted({len(cloud) for cloud in clouds}):
        if not smallest or size > slack * smallest or (pads and smallest <= transform.pool):
            smallest = size
        first[size] = smallest
    results: dict[int, Tensor] = {}
    order = sorted(range(len(clouds)), key=lambda i: len(clouds[i]))
    for _, group in groupby(order, key=lambda i: first[len(clouds[i])]):
        members = list(group)
        longest = len(clouds[members[-1]])
        padded = [_pad(clouds[i], longest) for i in members]
        results.update(zip(members, transform(torch.stack(padded))))
    return [results[i] for i in range(len(clouds))]


def _pad(cloud: Tensor, length: int) -> Tensor:
    if len(cloud) == length:
        return cloud
    return torch.cat([cloud, cloud[:1].expand(length - len(cloud), -1)])


def _describe(step: Any) -> str:
    kind = type(step).__name__
    names = {'BatchNormalize': 'centered and scaled to radius 1'}
    names['NormalizePoints'] = names['BatchNormalize']
    number = getattr(step, 'num_points', None)
    if number is None:
        return names.get(kind, kind)
    how = ' that are furthest from each other' if 'Furthest' in kind else ''
    return f'{number} points{how}'
