"""Converts checkpoints of the authors' release to this package, and back.

Reads pretraining, fine-tuned and part segmentation files of ReCon, and those of Point-MAE and of
others that kept its names, where the weights fit. Converting is not needed for loading: models
read these files directly. It is for passing a file on, and for seeing what is in it.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from recon_mm.apis.convert import convert_release
from recon_mm.utils.commands import CommandParser, command


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Reads, compares, writes; returns the exit status."""
    parser = CommandParser(__doc__)
    parser.add_argument('input', type=Path, help='checkpoint to read')
    parser.add_argument('output', type=Path, help='checkpoint to write')
    parser.add_argument('--to-release', action='store_true', help="to the authors' names")
    parser.add_argument(
        '--config', help='compare with the model of this config; by default with a backbone alone'
    )
    args = parser.parse_args(argv)
    convert_release(args.input, args.output, args.to_release, args.config)
    return 0


if __name__ == '__main__':
    sys.exit(main())
