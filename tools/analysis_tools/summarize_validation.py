"""Prints the validation metrics of a run, epoch by epoch; epoch 0 is the untrained network.

python tools/analysis_tools/summarize_validation.py WORK_DIR
"""

import argparse
import sys
from pathlib import Path

from recon_mm.apis.validations import read_validations


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('work_dir', type=Path, help='the work directory of a run')
    try:
        validations = read_validations(parser.parse_args().work_dir)
    except FileNotFoundError as error:
        sys.exit(str(error))
    names = sorted({name for metrics in validations.values() for name in metrics})
    print('epoch', *names, sep='\t')
    for epoch, metrics in sorted(validations.items()):
        label = '0 (untrained)' if epoch == 0 else str(epoch)
        print(label, *(f'{metrics[name]:.2f}' for name in names if name in metrics), sep='\t')


if __name__ == '__main__':
    main()
