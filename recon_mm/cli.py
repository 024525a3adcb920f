"""The console command ``recon-mm``: the work of ``tools/``, for who installed a wheel.

A command is a module with ``main(argv, prog) -> int``; it is imported when it is called, so that
``recon-mm --help`` does not wait for torch.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from recon_mm.version import __version__

COMMANDS = {
    'train': ('recon_mm.apis.train', 'train a model from a config'),
    'test': ('recon_mm.apis.test', 'test a checkpoint'),
    'prepare': ('recon_mm.apis.prepare', 'make shapes of your own ready for training'),
    'info': ('recon_mm.apis.collect_env', 'what is installed here, for a report of an issue'),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit status."""
    width = max(map(len, COMMANDS))
    parser = argparse.ArgumentParser(
        prog='recon-mm',
        description='commands:\n'
        + '\n'.join(f'  {name:{width}}  {about}' for name, (_, about) in COMMANDS.items()),
        epilog='recon-mm COMMAND --help says more of one',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument('--version', action='version', version=f'recon_mm {__version__}')
    parser.add_argument('command', choices=COMMANDS, metavar='COMMAND')
    parser.add_argument('arguments', nargs=argparse.REMAINDER, metavar='...', help='its arguments')
    args = parser.parse_args(argv)
    module, _ = COMMANDS[args.command]
    return import_module(module).main(args.arguments, f'{parser.prog} {args.command}')


if __name__ == '__main__':
    sys.exit(main())
