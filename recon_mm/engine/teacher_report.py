"""Says which teachers a run learns from, one line per modality."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from recon_mm.datasets.storage import ArrayStore
from recon_mm.datasets.transforms import LoadTeacherFeatures
from recon_mm.models.heads import CrossModalHead
from recon_mm.models.teachers import CachedTeacher, FrozenTeacher

MANY_ROWS = 4096


def report_teachers(model: nn.Module, dataset: Any) -> list[str]:
    """Name, weights and width of the teacher of each modality, and whether it is trained.

    Of stored features that a :class:`CrossModalHead` learns the line also says what the loss is
    while the head predicts their mean, whatever the shape: a loss that stands there has not begun
    to learn from shapes.

    Args:
        model: A pretraining model; one without ``teachers`` has none.
        dataset: The training set, whose stored features cached teachers give.
    """
    teachers: Any = getattr(model, 'teachers', None) or {}
    heads: Any = getattr(model, 'heads', None) or {}
    stores = {step.key: step.store for step in _readers(dataset)}
    lines = []
    for name, teacher in teachers.items():
        if isinstance(teacher, CachedTeacher):
            store = stores.get(teacher.input_key)
            made_from = store.header.made_from if store else {}
            what = made_from.get('teacher', {})
            trained, source = made_from.get('trained'), ', stored'
            if store and isinstance(heads[name], CrossModalHead):
                source += f'; loss_{name} of their mean: {loss_of_mean(store):.4f}'
        elif isinstance(teacher, FrozenTeacher):
            what, trained, source = teacher.describe(), teacher.trained, ''
        else:
            what, trained, source = {'type': type(teacher).__name__}, None, ''
        named = ' '.join(str(what[key]) for key in ('type', 'model_name') if key in what)
        state = 'whether trained is unknown'
        if trained is not None:
            state = 'trained' if trained else 'NOT TRAINED'
        width = getattr(teacher, 'feature_dims', '?')
        lines.append(
            f'{name} teacher: {named or "unknown"}, weights: {what.get("weights", "unknown")}, '
            f'width {width}, {state}{source}'
        )
    return lines


def loss_of_mean(store: ArrayStore) -> float:
    """SmoothL1 between stored features and their mean; of a large store, between some of them."""
    count = len(store['features'])
    rows = np.linspace(0, count - 1, min(count, MANY_ROWS)).astype(int)
    features = store.read('features', rows).astype(np.float32)  # (rows, views, D)
    flat = torch.from_numpy(features).flatten(0, 1)
    return F.smooth_l1_loss(flat, flat.mean(0).expand_as(flat)).item()


def _readers(dataset: Any) -> Iterator[LoadTeacherFeatures]:
    """Every step that reads stored features, in a data set and those that it wraps."""
    for each in (dataset, *getattr(getattr(dataset, 'pipeline', None), 'transforms', ())):
        reader = each if isinstance(each, LoadTeacherFeatures) else getattr(each, 'features', None)
        if isinstance(reader, LoadTeacherFeatures):
            yield reader
    for inner in (getattr(dataset, 'dataset', None), *getattr(dataset, 'datasets', ())):
        if inner is not None:
            yield from _readers(inner)
