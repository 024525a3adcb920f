"""Makes a checkpoint ready to be passed on: weights only, and their hash in the name.

python tools/misc/publish_model.py work_dirs/NAME/epoch_300.pth recon.pth
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from recon_mm.apis.publish import publish_model
from recon_mm.utils.commands import CommandParser, command


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Writes the file; returns the exit status."""
    parser = CommandParser(__doc__, prog)
    parser.add_argument('input', type=Path, help='checkpoint to read')
    parser.add_argument('output', type=Path, help='file to write; its name gets the hash')
    args = parser.parse_args(argv)
    written = publish_model(args.input, args.output)
    sizes = [file.stat().st_size / 1e6 for file in (args.input, written)]
    print(f'wrote {written}: {sizes[1]:.1f} MB of {sizes[0]:.1f} MB')
    return 0


if __name__ == '__main__':
    sys.exit(main())
