"""Reads the validation metrics of a run."""

import json
from pathlib import Path


def read_validations(work_dir: Path) -> dict[int, dict[str, float]]:
    """Metrics of every validation in the logs of a run, resumed parts included, by epoch.

    Raises:
        FileNotFoundError: If the folder holds no log.
    """
    pattern, validations = '*/vis_data/scalars.json', {}
    logs = sorted(work_dir.glob(pattern))
    if not logs:
        raise FileNotFoundError(f'{work_dir} holds no {pattern}: was a model trained there?')
    for log in logs:
        for line in log.read_text().splitlines():
            record = json.loads(line)
            metrics = {key: value for key, value in record.items() if '/' in key}
            if metrics and not record.keys() & {'lr', 'loss'}:  # no training step
                validations[record['step']] = metrics
    return validations
