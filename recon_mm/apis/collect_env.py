"""What is installed here, for an issue report: ``recon-mm info``."""

import re
from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from mmengine.utils.dl_utils import collect_env as collect_base_env

from recon_mm.utils.commands import CommandParser, command
from recon_mm.version import __version__


def collect_env() -> dict[str, str]:
    """The environment: MMEngine's report on machine and torch, then this package's parts."""
    env = {name: str(value) for name, value in collect_base_env().items()}
    env['recon_mm'] = f'{__version__}, {Path(__file__).parents[1]}'
    env['mmcv'] = _mmcv()
    for name in ('numpy', 'opencv-python', 'mmdet', 'mmdet3d'):
        env[name] = _version(name) or 'not installed'
    for extra, packages in _extras().items():
        missing = [name for name in packages if _version(name) is None]
        env[f'extra {extra}'] = f'missing: {", ".join(missing)}' if missing else 'complete'
    return env


def _version(distribution: str) -> str | None:
    """The version of what is installed under this name."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _mmcv() -> str:
    """Which of the two mmcv packages is installed, and whether its ops run on a GPU."""
    found = [f'{name} {_version(name)}' for name in ('mmcv', 'mmcv-lite') if _version(name)]
    if not found:
        return 'not installed'
    from recon_mm.ops.compiled import has_cuda_ops

    return f'{" and ".join(found)}, {"with" if has_cuda_ops() else "without"} CUDA ops'


def _extras() -> dict[str, list[str]]:
    """The distributions of every extra, as the installed metadata name them."""
    extras: dict[str, list[str]] = defaultdict(list)
    try:
        requirements = requires('recon_mm') or []
    except PackageNotFoundError:  # a checkout on PYTHONPATH
        requirements = []
    for requirement in requirements:
        name, extra = re.match(r'[\w.-]+', requirement), re.search(r'extra == .(\w+)', requirement)
        if name and extra:
            extras[extra[1]].append(name[0])
    return extras


@command
def main(argv: Sequence[str] | None = None, prog: str | None = None) -> int:
    """Runs the command; returns the exit status."""
    CommandParser(__doc__, prog).parse_args(argv)
    env = collect_env()
    width = max(map(len, env))
    for name, value in env.items():
        print(f'{name:{width}}  {value}')
    return 0
