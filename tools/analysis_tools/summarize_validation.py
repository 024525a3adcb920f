"""Prints the losses and the validation metrics of a run; epoch 0 is the untrained network.

python tools/analysis_tools/summarize_validation.py WORK_DIR
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from recon_mm.apis.validations import read_losses, read_validations
from recon_mm.utils.commands import CommandParser, command


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Prints both; returns the exit status."""
    parser = CommandParser(__doc__)
    parser.add_argument('work_dir', type=Path, help='the work directory of a run')
    work_dir = parser.parse_args(argv).work_dir
    for name, (first, last) in read_losses(work_dir).items():
        print(f'{name}\t{first:.4f} -> {last:.4f}')
    validations = read_validations(work_dir)
    names = sorted({name for metrics in validations.values() for name in metrics})
    print('epoch', *names, sep='\t')
    for epoch, metrics in sorted(validations.items()):
        label = '0 (untrained)' if epoch == 0 else str(epoch)
        print(label, *(f'{metrics[name]:.2f}' for name in names if name in metrics), sep='\t')
    return 0


if __name__ == '__main__':
    sys.exit(main())
