"""Writes a script with which a shell completes the commands and their options.

recon-mm completion bash > ~/.local/share/bash-completion/completions/recon-mm
recon-mm completion zsh > ~/.zfunc/_recon-mm

The script is plain text and starts no Python: completing takes no time.
"""

import argparse
from collections.abc import Sequence

from recon_mm.cli import COMMANDS, find_command
from recon_mm.utils import require
from recon_mm.utils.commands import SHOW_PARSER, CommandParser, ParserBuilt, command


def command_parser(name: str) -> CommandParser:
    """The parser that a command makes."""
    try:
        find_command(name)(SHOW_PARSER, name)
    except ParserBuilt as built:
        return built.parser
    raise TypeError(f'{name} reads no arguments')


def joint_parser() -> argparse.ArgumentParser:
    """One parser of all commands; an option that takes a file is completed by files."""
    shtab = require('shtab', 'completion')
    parser = argparse.ArgumentParser('recon-mm')
    commands = parser.add_subparsers()
    for name, (_, about) in COMMANDS.items():
        found = command_parser(name)
        for action in found._actions:  # pyright: ignore[reportPrivateUsage]
            if action.nargs != 0 and action.choices is None and action.type not in (int, float):
                action.complete = shtab.FILE  # pyright: ignore[reportAttributeAccessIssue]
        commands.add_parser(name, parents=[found], add_help=False, help=about)
    return parser


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Prints the script; returns the exit status."""
    parser = CommandParser(__doc__, prog)
    parser.add_argument('shell', choices=['bash', 'zsh', 'tcsh'], help='which shell it is for')
    shell = parser.parse_args(argv).shell
    print(require('shtab', 'completion').complete(joint_parser(), shell))
    return 0
