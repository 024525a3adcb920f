"""Reads the logs of a run."""

import json
from pathlib import Path

from recon_mm.datasets.readers import reading


def read_records(work_dir: Path) -> list[dict[str, float]]:
    """Every line of the logs of a run, resumed parts included, in the order of writing.

    Raises:
        FileNotFoundError: If the folder holds no log.
        DataError: If a log is damaged.
    """
    pattern = '*/vis_data/scalars.json'
    logs = sorted(work_dir.glob(pattern))
    if not logs:
        raise FileNotFoundError(f'{work_dir} holds no {pattern}: was a model trained there?')
    records = []
    for log in logs:
        with reading(log, 'the log of a run', 'one JSON object per line'):
            records += [dict(json.loads(line)) for line in log.read_text('utf-8').splitlines()]
    return records


def is_validation(record: dict[str, float]) -> bool:
    """Whether a line is of a validation, not of a training step."""
    return not record.keys() & {'lr', 'loss'} and any('/' in key for key in record)


def read_validations(work_dir: Path) -> dict[int, dict[str, float]]:
    """Metrics of every validation in the logs of a run, resumed parts included, by epoch.

    Raises:
        FileNotFoundError: If the folder holds no log.
        DataError: If a log is damaged.
    """
    return {
        int(record['step']): {key: value for key, value in record.items() if '/' in key}
        for record in read_records(work_dir)
        if is_validation(record)
    }


def read_losses(work_dir: Path) -> dict[str, tuple[float, float]]:
    """The first and the last logged value of each part of the loss.

    Raises:
        FileNotFoundError: If the folder holds no log.
        DataError: If a log is damaged.
    """
    curves = read_curves(work_dir)
    return {
        name: (values[0], values[-1])
        for name, (_, values) in curves.items()
        if name.startswith('loss_')
    }


def read_curves(work_dir: Path) -> dict[str, tuple[list[float], list[float]]]:
    """What changed in a run: losses and rates by step, validation metrics by epoch.

    A step that was trained again after a resume counts as the later part has it.

    Returns:
        By name, steps in order and the value at each.

    Raises:
        FileNotFoundError: If the folder holds no log.
        DataError: If a log is damaged.
    """
    curves: dict[str, dict[float, float]] = {}
    for record in read_records(work_dir):
        validation = is_validation(record)
        for key, value in record.items():
            numeric = isinstance(value, (int, float)) and key not in ('step', 'epoch', 'iter')
            if numeric and ('/' in key) == validation:
                curves.setdefault(key, {})[record['step']] = value
    return {
        key: (sorted(curve), [curve[step] for step in sorted(curve)])
        for key, curve in curves.items()
    }
