"""What all inferencers share: the model, reading, batches, results as they come."""

import logging
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.config import Config
from mmengine.infer import BaseInferencer
from mmengine.logging import print_log
from mmengine.runner import load_checkpoint

from recon_mm.datasets.errors import DataError
from recon_mm.models.checkpoint import require_heads
from recon_mm.registry import DATASETS
from recon_mm.structures import PointDataSample
from recon_mm.utils.config import read_config
from recon_mm.utils.progress import counting_bar
from recon_mm.visualization import ColoredCloud, plain_cloud

from ..models import find_model, init_model
from .inputs import Source, list_sources, read_ahead, read_source
from .preparation import Batch, Preparation, test_dataset


class Read(NamedTuple):
    """A cloud that was read, or why it was not."""

    name: str
    cloud: np.ndarray | None = None
    prepared: np.ndarray | None = None
    error: str | None = None


class CloudInferencer(BaseInferencer):
    """Runs a model on clouds of any kind and size.

    Clouds are rotated, normalized and sampled as in the test of the config, which the log says
    once. A cloud that cannot be read does not stop the others: its result is its ``name`` and the
    ``error``, and the log lists all of them at the end.

    Args:
        model: A config, its path or its name in the package (``'recon/pretrain_shapenet'``), or a
            name of the model index.
        weights: A checkpoint of this package or of the authors' release; ``None`` leaves the
            model untrained, with a warning.
        device: Where to compute; by default a GPU if there is one.
        up: Which axis points up in the clouds: the models are trained with y up.
        show_progress: Whether to show a progress bar where there is more than one batch.
        cfg_options: Overrides of the config, as in ``--cfg-options``.
    """

    model: Any
    pipeline: Preparation
    # What the names of weights begin with that a checkpoint must have for the task.
    needed_parts: tuple[str, ...] = ()

    def __init__(
        self,
        model: str | Path | Config,
        weights: str | Path | None = None,
        device: str | None = None,
        up: str = 'y',
        show_progress: bool = True,
        cfg_options: dict[str, Any] | None = None,
    ) -> None:
        self.up = up
        cfg = model if isinstance(model, Config) else read_config(find_model(model))
        if cfg_options:
            cfg.merge_from_dict(cfg_options)
        super().__init__(
            cfg, None if weights is None else str(weights), device, 'recon_mm', show_progress
        )
        self.device = next(self.model.parameters()).device
        print_log(f'{type(self).__name__}, each cloud: {self.describe()}', 'current')

    def describe(self) -> str:
        """What is done with each cloud, in one line for the log."""
        return str(self.pipeline)

    def _init_model(self, cfg: Any, weights: str | None, device: str = 'cpu') -> Any:
        """Builds the model and loads its weights."""
        if weights is None:
            print_log(
                f'{type(self).__name__}: no weights are given, the model is UNTRAINED',
                'current',
                logging.WARNING,
            )
        model = init_model(cfg, None, device)
        self.dataset_meta: dict[str, Any] = dataset_meta(cfg)
        if weights is not None:
            require_heads(model, self.needed_parts)
            checkpoint = load_checkpoint(model, weights, map_location='cpu')
            meta = checkpoint.get('meta') or {}
            self.dataset_meta.update(meta.get('dataset_meta') or {})
        return model

    def _init_pipeline(self, cfg: Any) -> Preparation:
        channels = getattr(self.model.backbone, 'channels', 3)
        return Preparation(cfg, self.model.data_preprocessor, self.up, channels)

    def _init_collate(self, cfg: Any) -> Any:
        """Nothing: clouds of different sizes are joined by :class:`Preparation`."""

    def _init_visualizer(self, cfg: Any) -> None:
        """Nothing: a run's visualizer writes to its work directory."""

    def __call__(
        self,
        inputs: Any,
        return_datasamples: bool = False,
        batch_size: int = 16,
        draw: bool = False,
        **kwargs: Any,
    ) -> dict[str, list]:
        """Runs the model on all inputs.

        Args:
            inputs: A path, folder, array, tensor or mesh, or an iterable of these.
            return_datasamples: Whether predictions are :class:`PointDataSample`.
            batch_size: Clouds that the model computes at once.
            draw: Whether to make pictures of the predictions.
            **kwargs: None.

        Returns:
            ``predictions``, one dictionary for each cloud in the order of the inputs; and
            ``visualization``, for each that did not fail a row of colored clouds for
            :func:`recon_mm.visualization.save_rows`, or nothing without ``draw``.
        """
        predictions: list[Any] = list(self.stream(inputs, batch_size, draw))
        rows = self.visualize([], predictions) if draw else []
        return self.postprocess(predictions, rows, return_datasamples)

    def stream(
        self, inputs: Any, batch_size: int = 16, with_points: bool = False
    ) -> Iterator[dict[str, Any]]:
        """The results one by one, each as soon as its batch is computed.

        Args:
            inputs: As in calling the inferencer; a generator is read as far as it is needed.
            batch_size: Clouds that the model computes at once.
            with_points: Whether to add ``points`` ``(N, 3)``, those of the input.

        Yields:
            For each cloud a dictionary of its ``name`` and what the task gives, or ``error``.
        """
        if batch_size < 1:
            raise ValueError(f'batch_size is {batch_size}, must be at least 1')
        sources: Iterable[Source] = list_sources(inputs)
        if not isinstance(inputs, Iterator):
            sources = list(sources)
        failed: list[str] = []
        total = len(sources) if isinstance(sources, list) else None
        several = total is None or total > batch_size
        with counting_bar(shown=self.show_progress and several) as bar:
            task = bar.add_task(type(self).__name__, total=total)
            for chunk in self.preprocess(sources, batch_size):
                good = [each for each in chunk if each.error is None]
                found = iter(self.forward(self._join(good)) if good else ())
                for each in chunk:
                    if each.error is None:
                        points = {'points': each.cloud} if with_points else {}
                        yield {'name': each.name, **points, **next(found)}
                    else:
                        failed.append(each.error)
                        yield {'name': each.name, 'error': each.error}
                bar.advance(task, len(chunk))
        if failed:
            listed = '\n'.join(f'  {error.splitlines()[0]}' for error in failed)
            print_log(f'{len(failed)} input(s) failed:\n{listed}', 'current', logging.WARNING)

    def preprocess(self, inputs: Any, batch_size: int = 1, **kwargs: Any) -> Iterator[list[Read]]:
        """Reads sources ahead of their use; yields as many as a batch has."""
        read = read_ahead(self._read, inputs, 2 * batch_size)
        while chunk := list(islice(read, batch_size)):
            yield chunk

    def _read(self, source: Source) -> Read:
        try:
            cloud = read_source(source, self.model.backbone.group_size)
            return Read(source.name, cloud, self.pipeline.prepare(cloud))
        except (DataError, OSError) as error:
            return Read(source.name, error=str(error))

    def _join(self, read: list[Read]) -> Batch:
        clouds: Any = [each.cloud for each in read]
        prepared: Any = [each.prepared for each in read]
        return self.pipeline.batch(clouds, prepared, self.device)

    @torch.inference_mode()
    def forward(self, inputs: Batch, **kwargs: Any) -> list[dict[str, Any]]:
        """Runs the model on a batch."""
        return self.infer(inputs)

    @abstractmethod
    def infer(self, batch: Batch) -> list[dict[str, Any]]:
        """The results of a batch: for each cloud numbers, text, or numpy arrays by name."""

    def visualize(self, inputs: list, preds: Any, show: bool = False, **kwargs: Any) -> list:
        """A row of pictures for each prediction that has ``points``."""
        return [self.draw(prediction) for prediction in preds if 'points' in prediction]

    def draw(self, result: dict[str, Any]) -> list[ColoredCloud]:
        """Pictures of a result that has ``points``; of the shape alone where there is no more."""
        return [plain_cloud(self.upright(result['points']), short_title(result['name']))]

    def upright(self, points: np.ndarray) -> np.ndarray:
        """Points ``(N, 3)`` of the input with y up, as pictures show them."""
        return points @ self.pipeline.rotation.T

    def postprocess(
        self, preds: Any, visualization: list, return_datasample: bool = False, **kwargs: Any
    ) -> dict[str, list]:
        """Packs the results as MMEngine's inferencers do."""
        if return_datasample:
            preds = [_sample(prediction) for prediction in preds]
        return {'predictions': preds, 'visualization': visualization}


def dataset_meta(cfg: Any) -> dict[str, Any]:
    """What the class of a config's test set says of its classes and parts, without its files."""
    kind = test_dataset(cfg).get('type')
    return dict(getattr(DATASETS.get(kind), 'METAINFO', {})) if kind else {}


def short_title(name: str, longest: int = 24) -> str:
    """What stands above a picture of a cloud: a path without folders and ending, if need be cut."""
    stem = Path(name).stem
    return stem if len(stem) <= longest else f'{stem[: longest - 1]}…'


def _sample(prediction: dict[str, Any]) -> PointDataSample:
    sample = PointDataSample(metainfo={'sample_id': prediction['name']})
    for name, value in prediction.items():
        if name != 'name':
            sample.set_field(torch.from_numpy(v) if isinstance(v := value, np.ndarray) else v, name)
    return sample


def to_numpy(**tensors: torch.Tensor) -> list[dict[str, np.ndarray]]:
    """Tensors ``(B, ...)`` by name to one dictionary of arrays for each cloud."""
    arrays = {name: tensor.float().cpu().numpy() for name, tensor in tensors.items()}
    count = len(next(iter(arrays.values())))
    return [{name: array[i] for name, array in arrays.items()} for i in range(count)]
