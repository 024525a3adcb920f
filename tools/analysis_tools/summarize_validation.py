"""Prints the validation figures of a run, epoch by epoch; epoch 0 is the untrained network.

python tools/analysis_tools/summarize_validation.py WORK_DIR
"""

import argparse
import json
from pathlib import Path


def read_validations(work_dir: Path) -> dict[int, dict[str, float]]:
    """Figures of every validation in the logs of a run, resumed parts included, by epoch."""
    validations = {}
    logs = sorted(work_dir.glob('*/vis_data/scalars.json'))
    if not logs:
        raise SystemExit(f'{work_dir} holds no */vis_data/scalars.json: was a model trained there?')
    for log in logs:
        for line in log.read_text().splitlines():
            record = json.loads(line)
            if 'lr' in record or 'loss' in record:
                continue  # a training step
            figures = {key: value for key, value in record.items() if '/' in key}
            if figures:
                validations[record['step']] = figures
    return validations


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('work_dir', type=Path, help='the work directory of a run')
    validations = read_validations(parser.parse_args().work_dir)
    names = sorted({name for figures in validations.values() for name in figures})
    print('epoch', *names, sep='\t')
    for epoch, figures in sorted(validations.items()):
        label = '0 (untrained)' if epoch == 0 else str(epoch)
        print(label, *(f'{figures[name]:.2f}' for name in names if name in figures), sep='\t')


if __name__ == '__main__':
    main()
