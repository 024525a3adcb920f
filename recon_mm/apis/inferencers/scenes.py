"""The class of every point of a room."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from recon_mm.datasets.colored_clouds import check_colored, read_colored
from recon_mm.datasets.errors import DataError
from recon_mm.datasets.palettes import distinct_colors
from recon_mm.datasets.room_blocks import RoomBlocks
from recon_mm.models import PartSegmentor
from recon_mm.registry import INFERENCERS
from recon_mm.visualization import ColoredCloud, labeled_cloud

from .base import CloudInferencer, Read, short_title
from .inputs import Source
from .preparation import test_dataset


@INFERENCERS.register_module()
class SceneInferencer(CloudInferencer):
    """Segments rooms, in the overlapping blocks that the model was tested with.

    Rooms are in meters with z up, and have colors: files of ``.npy``, text or ``.ply``, arrays
    ``(N, 6)`` of x y z and r g b of 0 to 255. The blocks of a room vote. Results: ``segments``
    int64 ``(N,)``, the class of each point, and ``counts``, the points of each class by name.

    Args:
        model: As in :class:`CloudInferencer`; a semantic segmentation config.
        weights: Weights that were trained with it: without its head they are refused.
        block_batch: Blocks that the model computes at once.
        **kwargs: Those of :class:`CloudInferencer`; ``up`` is z.

    Raises:
        ValueError: If the config is for a different task.
    """

    needed_parts = ('head.', 'neck.')

    def __init__(
        self, model: Any, weights: Any = None, block_batch: int = 16, **kwargs: Any
    ) -> None:
        super().__init__(model, weights, **{**kwargs, 'up': 'z'})
        if not isinstance(self.model, PartSegmentor) or self.model.head.part_mask is not None:
            raise ValueError(
                f'{type(self.model).__name__} of this config does not segment scenes: use a '
                'semantic segmentation config'
            )
        self.block_batch = block_batch
        names = list(self.dataset_meta.get('classes') or ())
        count = self.model.head.num_classes
        self.classes = names if len(names) == count else [f'class {i}' for i in range(count)]

    def describe(self) -> str:
        """What is done with each room, in one line for the log."""
        blocks = self.blocks
        return (
            f'z up; blocks of {blocks.block_size:g} m every {blocks.stride:g} m, samples of '
            f'{blocks.num_points} points'
        )

    @property
    def blocks(self) -> RoomBlocks:
        """The grid of the config's test set."""
        dataset = test_dataset(self.model.cfg)
        names = ('num_points', 'channels', 'block_size', 'stride')
        return RoomBlocks(**{name: dataset[name] for name in names if name in dataset})

    def _read(self, source: Source) -> Read:
        content = source.content
        try:
            if isinstance(content, Path):
                room = read_colored(content)
            else:
                array = content.cpu().numpy() if isinstance(content, Tensor) else content
                room = check_colored(array, source.name)
            return Read(source.name, room[:, :3], room)
        except (DataError, OSError) as error:
            return Read(source.name, error=str(error))

    def _join(self, read: list[Read]) -> Any:
        return [each.prepared for each in read]

    def infer(self, batch: Any) -> list[dict[str, Any]]:
        """The class of every point of each room ``(N, 6)``."""
        results = []
        for room in batch:
            segments = self._votes(room).argmax(1).cpu().numpy()
            labels, counts = np.unique(segments, return_counts=True)
            named = {self.classes[i]: int(n) for i, n in zip(labels, counts)}
            results.append({'segments': segments, 'counts': named})
        return results

    def _votes(self, room: np.ndarray) -> Tensor:
        """Summed probabilities of every point ``(N, classes)``."""
        votes = torch.zeros(len(room), len(self.classes), device=self.device)
        for rows, points in self._batches(room):
            index = torch.from_numpy(rows.reshape(-1)).to(self.device)
            data = {'inputs': {'points': torch.from_numpy(points).to(self.device)}}
            inputs = self.model.data_preprocessor(data, training=False)['inputs']
            scores = self.model(inputs).float().softmax(2)  # (B, M, classes)
            votes.index_add_(0, index, scores.flatten(0, 1))
        return votes

    def _batches(self, room: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Rows ``(B, M)`` and what the model sees of them ``(B, M, channels)``."""
        xyz, colors = room[:, :3] - room[:, :3].min(0), room[:, 3:]
        samples = list(self.blocks.samples(xyz))
        for start in range(0, len(samples), self.block_batch):
            chunk = samples[start : start + self.block_batch]
            rows = [self.blocks.rows(xyz, corner, part) for corner, part in chunk]
            seen = [
                self.blocks.features(xyz, colors, corner, each)
                for (corner, _), each in zip(chunk, rows)
            ]
            yield np.stack(rows), np.stack(seen)

    def draw(self, result: dict[str, Any]) -> list[ColoredCloud]:
        """The room in the colors of its classes."""
        palette = self.dataset_meta.get('palette') or distinct_colors(len(self.classes))
        points, title = self.upright(result['points']), short_title(result['name'])
        return [labeled_cloud(points, result['segments'], self.classes, palette, title)]
