"""Reads back what a run measured."""

import json
from pathlib import Path


def read_validations(work_dir: Path) -> dict[int, dict[str, float]]:
    """Metrics of every validation in the logs of a run, resumed parts included, by epoch.

    Raises:
        FileNotFoundError: If the folder holds no log.
    """
    validations = {}
    logs = sorted(work_dir.glob('*/vis_data/scalars.json'))
    if not logs:
        raise FileNotFoundError(
            f'{work_dir} holds no */vis_data/scalars.json: was a model trained there?'
        )
    for log in logs:
        for line in log.read_text().splitlines():
            record = json.loads(line)
            if 'lr' in record or 'loss' in record:
                continue  # a training step
            metrics = {key: value for key, value in record.items() if '/' in key}
            if metrics:
                validations[record['step']] = metrics
    return validations
