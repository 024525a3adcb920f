"""Says which teachers a run learns from, one line per modality."""

from collections.abc import Iterator
from typing import Any

from torch import nn

from recon_mm.datasets.transforms import LoadTeacherFeatures
from recon_mm.models.teachers import CachedTeacher, FrozenTeacher


def report_teachers(model: nn.Module, dataset: Any) -> list[str]:
    """Name, weights and width of the teacher of each modality, and whether it is trained.

    Args:
        model: A pretraining model; one without ``teachers`` has none.
        dataset: The training set, whose stored features cached teachers give.
    """
    teachers: Any = getattr(model, 'teachers', None) or {}
    stored = {step.key: step.store.header.made_from for step in _readers(dataset)}
    lines = []
    for name, teacher in teachers.items():
        if isinstance(teacher, CachedTeacher):
            made_from = stored.get(teacher.input_key) or {}
            what = made_from.get('teacher', {})
            trained, source = made_from.get('trained'), ', stored'
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


def _readers(dataset: Any) -> Iterator[LoadTeacherFeatures]:
    """Every step that reads stored features, in a data set and those that it wraps."""
    for each in (dataset, *getattr(getattr(dataset, 'pipeline', None), 'transforms', ())):
        reader = each if isinstance(each, LoadTeacherFeatures) else getattr(each, 'features', None)
        if isinstance(reader, LoadTeacherFeatures):
            yield reader
    for inner in (getattr(dataset, 'dataset', None), *getattr(dataset, 'datasets', ())):
        if inner is not None:
            yield from _readers(inner)
