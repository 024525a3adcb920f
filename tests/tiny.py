"""Makes a config small enough for a test, without changing what it is made of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config, ConfigDict

from recon_mm.datasets.packing import pack_clouds
from recon_mm.registry import DATASETS

from .stores import store_features

ROOT = Path(__file__).parents[1]
STEPS = 2
SMALL = dict(embed_dims=24, num_heads=2, num_groups=16, group_size=8)
VIT, VIT_DIMS = 'test_vit', 64  # timm's model for tests
CLIP_DIMS = 32


def shrink(cfg: Config, clip: str, folder: Path) -> None:
    """As :func:`shrink_run`, and writes the stores that the config reads.

    Args:
        cfg: The config.
        clip: Name of a small CLIP.
        folder: Where stored teacher features and packed clouds go, for the configs that read some.
    """
    cfg.visualizer.vis_backends = [dict(type='LocalVisBackend')]
    cfg.default_hooks.logger.interval = 1
    cfg.log_level = 'WARNING'
    shrink_run(cfg, clip)
    if cfg.get('train_cfg'):
        dataset = cfg.train_dataloader.dataset
        if dataset.type == 'BatchedShapeNet55':
            pack(dataset, folder / 'packed')
        for step in [*dataset.get('pipeline', ()), dataset.get('teacher_features') or {}]:
            if 'expect' in step:
                key = step.get('key', 'image_features')
                write_teacher_features(cfg, step, folder / key)


def shrink_run(cfg: Config, clip: str) -> None:
    """Two steps of two or three samples of a model of two or three narrow blocks, in place.

    Args:
        cfg: The config.
        clip: Name of a small CLIP.
    """
    for hook in cfg.get('custom_hooks', ()):
        if hook.type == 'CompileHook':
            hook.backend = 'eager'  # traces the graph, and leaves out what takes minutes
    shrink_model(cfg.model, clip)
    for split in ('train', 'val', 'test'):
        loader = cfg.get(f'{split}_dataloader')
        if loader:
            # Of two clouds, batch normalization leaves the contrast no more than a sign.
            shrink_loader(loader, batch_size=3 if cfg.model.type == 'ReCon' else 2)
    if cfg.get('train_cfg'):
        cfg.train_cfg.update(max_epochs=1, val_interval=1)
        warm_up = cfg.param_scheduler[0]  # whose first steps are too small to be seen
        warm_up.update({key: 0.1 for key in ('start_factor', 'start_lr') if key in warm_up})


def nodes(value: Any) -> Iterator[ConfigDict]:
    """Every dictionary in a config, at any depth."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from nodes(item)


def shrink_model(model: ConfigDict, clip: str) -> None:
    for node in nodes(model):
        node.update({key: value for key, value in SMALL.items() if key in node})
        if node.get('depth'):
            node.depth = 2
        if 'vit' in node:
            node.vit = None
    if 'out_indices' in model.backbone:
        model.backbone.update(depth=3, out_indices=(0, 1, 2))
    for modality in model.get('modalities', {}).values():
        if not modality or modality.teacher.type.startswith('Cached'):
            continue
        is_clip = modality.teacher.type.startswith('CLIP')
        modality.teacher.update(model_name=clip if is_clip else VIT, pretrained=None)
        modality.head.feature_dims = CLIP_DIMS if is_clip else VIT_DIMS


def shrink_loader(loader: ConfigDict, batch_size: int) -> None:
    loader.update(batch_size=batch_size, num_workers=0, persistent_workers=False)
    for node in nodes(loader.dataset):
        if 'data_root' in node:
            node.indices = list(range(STEPS * batch_size))
        if node.get('type') == 'ModelNetFewShotDrawn':
            node.shot = 1


def pack(dataset: ConfigDict, path: Path) -> None:
    """The clouds of the data set in one store, which it then reads."""
    lists = {key: dataset[key] for key in ('data_root', 'ann_files')}
    samples = DATASETS.build(dict(type='recon_mm.ShapeNet55', **lists))
    files = [Path(samples.get_data_info(i)['points_path']) for i in range(len(samples))]
    pack_clouds(path, files)
    dataset.packed_file = str(path)


def write_teacher_features(cfg: Config, reader: ConfigDict, folder: Path) -> None:
    """Random features where the config reads stored ones, by the options ``reader``."""
    dataset = cfg.train_dataloader.dataset
    reader.path = str(folder)
    lists = {
        key: dataset[key]
        for key in ('data_root', 'ann_files', 'indices', 'split')
        if key in dataset
    }
    kind = dataset.type.removeprefix('Batched')
    samples = DATASETS.build(dict(type=f'recon_mm.{kind}', **lists))  # in whatever scope
    key = reader.get('key', 'image_features')
    teachers = [modality.teacher for modality in cfg.model.modalities.values()]
    dims = next(
        teacher.feature_dims
        for teacher in teachers
        if teacher.type.startswith('Cached') and teacher.get('input_key', 'image_features') == key
    )
    ids = [samples.get_data_info(i)['sample_id'] for i in range(len(samples))]
    features = np.random.default_rng(0).normal(size=(len(ids), 1, dims)).astype(np.float32)
    store_features(folder, features, ids, **reader.expect)
