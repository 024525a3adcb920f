"""Finds the configs, tools and the model index that belong to the package."""

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
SCOPE = 'recon_mm::'


def shipped(name: str = '') -> Path:
    """A file or folder of the project by its path there, e.g. ``'configs/recon'``.

    A wheel has them in ``recon_mm/.mim``, as OpenMMLab expects; a checkout, beside the package.
    """
    installed = _PACKAGE / '.mim'
    return (installed if installed.exists() else _PACKAGE.parent) / name


def find_config(name: str | Path) -> Path:
    """The config that a command line names.

    Args:
        name: A path; or a config of the package under its folder of configs:
            ``'recon/pretrain_shapenet.py'``, ``'recon_mm::recon/pretrain_shapenet.py'``.

    Raises:
        FileNotFoundError: If there is neither such a file nor such a config; the message suggests
            the nearest.
    """
    path = Path(name)
    if path.is_file():
        return path
    configs = shipped('configs')
    relative = Path(str(name).removeprefix(SCOPE).removesuffix('.py') + '.py')
    if not relative.is_absolute() and (configs / relative).is_file():
        return configs / relative
    known = [file.relative_to(configs).as_posix() for file in sorted(configs.glob('[!_]*/*.py'))]
    raise FileNotFoundError(
        f"no config '{name}': neither a file here nor one of the package in {configs}. "
        f'{nearest(relative.as_posix(), known)}'
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that suggests the names nearest to an unknown one."""
    known = list(known)
    close = get_close_matches(name, known, n=3, cutoff=0.5)
    more = ', ...' if len(known) > 20 else ''
    listed = f'There are: {", ".join(known[:20])}{more}'
    return f'Did you mean {" or ".join(close)}?' if close else listed
