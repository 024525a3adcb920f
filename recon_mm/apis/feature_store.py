"""What the stored features of images and of sentences have in common: config, store, progress."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from mmengine.config import Config

from recon_mm.datasets.storage import (
    FEATURES,
    ArraySpec,
    Header,
    ResumableWriter,
    Shard,
    resume_store,
)
from recon_mm.utils.memory import keep_freed_memory

DTYPES = ('float16', 'float32')


class Target(NamedTuple):
    """Where features go, and how.

    Attributes:
        out: The folder of the complete store.
        dtype: ``'float16'`` or ``'float32'``.
        shard: The part of the samples that is computed now; None for all.
    """

    out: Path
    dtype: str = 'float16'
    shard: Shard | None = None

    def rows(self, total: int) -> range:
        """Which of ``total`` samples."""
        return self.shard.rows(total) if self.shard else range(total)


def stored_entry(cfg: Config, modality: str) -> dict:
    """What ``stored_features`` of a config says of a modality; empty where it says nothing.

    A config that trains from stored features names there what they are made from: ``teacher``, and
    of images ``pipeline`` and ``views``.
    """
    return (cfg.get('stored_features') or {}).get(modality) or {}


def teacher_config(cfg: Config, modality: str = 'image') -> Any:
    """The config of a modality's live teacher; None if there is none."""
    if entry := stored_entry(cfg, modality):
        return entry.get('teacher')
    modalities = cfg.model.get('modalities') or {}
    if modality in modalities:
        return modalities[modality].get('teacher')
    return cfg.model.get(f'{modality}_teacher')


@contextmanager
def open_features(
    target: Target, sample_ids: list[str], made_from: dict[str, Any], device: str = 'cpu'
) -> Iterator[ResumableWriter]:
    """Begins or continues a store of features, and says what it needs and what is done.

    Args:
        target: Where it goes.
        sample_ids: All samples; of a shard, its part of them is stored.
        made_from: All that the features depend on, ``num_views`` and ``feature_dims`` among it.
        device: Where the teacher will compute.

    Raises:
        DataError: If features made from something else are there, or the disk lacks the space.
    """
    if device == 'cpu':
        keep_freed_memory()  # an image then takes a third of the time
    made_from = {**made_from, 'dtype': target.dtype}
    rows = target.rows(len(sample_ids))
    shape = (len(rows), made_from['num_views'], made_from['feature_dims'])
    folder = target.shard.folder(target.out) if target.shard else target.out
    size = np.prod(shape, dtype=float) * np.dtype(target.dtype).itemsize / 1e9
    print(f'teacher       {made_from["teacher"]}')
    print(
        f'disk space    {size:.3f} GB in {folder}: {shape[0]} samples x {shape[1]} views x '
        f'{shape[2]} features, {target.dtype}',
        flush=True,
    )
    arrays = {'features': ArraySpec(shape, target.dtype)}
    ids = sample_ids[rows.start : rows.stop]
    with resume_store(folder, FEATURES, Header(FEATURES.name, arrays, made_from, ids), 2) as writer:
        if writer.finished.any():
            print(f'continues     {int(writer.finished.sum())} of {writer.finished.size} are done')
        yield writer
    print(f'complete: {folder}')
