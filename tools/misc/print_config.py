"""Prints a config as it is after inheritance and overrides.

python tools/misc/print_config.py configs/recon/pretrain_shapenet.py
... --cfg-options train_cfg.max_epochs=100
"""

import sys
from collections.abc import Sequence

from recon_mm.apis.command_line import command, config_parser, load_config


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Prints; returns the exit status."""
    print(load_config(config_parser(__doc__, prog).parse_args(argv)).pretty_text)
    return 0


if __name__ == '__main__':
    sys.exit(main())
