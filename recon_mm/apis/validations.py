"""Reads the validation metrics and the losses of a run."""

import json
from collections.abc import Iterator
from pathlib import Path


def read_validations(work_dir: Path) -> dict[int, dict[str, float]]:
    """Metrics of every validation in the logs of a run, resumed parts included, by epoch.

    Raises:
        FileNotFoundError: If the folder holds no log.
    """
    validations = {}
    for record in _records(work_dir):
        metrics = {key: value for key, value in record.items() if '/' in key}
        if metrics and not record.keys() & {'lr', 'loss'}:  # no training step
            validations[record['step']] = metrics
    return validations


def read_losses(work_dir: Path) -> dict[str, tuple[float, float]]:
    """The first and the last logged value of each part of the loss.

    Raises:
        FileNotFoundError: If the folder holds no log.
    """
    by_step = {r['step']: r for r in _records(work_dir) if 'loss' in r}
    steps = [by_step[step] for step in sorted(by_step)]
    names = [key for key in steps[0] if key.startswith('loss_')] if steps else []
    return {name: (steps[0][name], steps[-1][name]) for name in names}


def _records(work_dir: Path) -> Iterator[dict]:
    pattern = '*/vis_data/scalars.json'
    logs = sorted(work_dir.glob(pattern))
    if not logs:
        raise FileNotFoundError(f'{work_dir} holds no {pattern}: was a model trained there?')
    for log in logs:
        yield from map(json.loads, log.read_text().splitlines())
