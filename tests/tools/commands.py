"""Runs a tool of this project as a user does."""

import os
import runpy
import subprocess
import sys
from collections.abc import Callable

from tests.tiny import ROOT


def tool_main(tool: str) -> Callable[..., int]:
    """The ``main(argv)`` of a tool, to run it in this process."""
    return runpy.run_path(str(ROOT / 'tools' / tool))['main']


def run_tool(tool: str, *arguments: object, **options) -> subprocess.CompletedProcess[str]:
    """``python tools/TOOL ARGUMENTS``, with what it printed.

    Args:
        tool: Path below ``tools/``.
        arguments: Of the command.
        options: Of ``subprocess.run``.
    """
    environment = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    command = [sys.executable, str(ROOT / 'tools' / tool), *map(str, arguments)]
    return subprocess.run(
        command, **{'env': environment, 'capture_output': True, 'text': True, **options}
    )
