"""Optional packages: imported where they are used, and named with their extra when missing."""

from importlib import import_module
from types import ModuleType

from recon_mm.version import __version__


def how_to_install(extra: str) -> str:
    """How an extra is installed, from a checkout or a wheel: the package is on no registry."""
    return (
        f"pip install -e '.[{extra}]' in a checkout of recon_mm, or "
        f"pip install 'recon_mm-{__version__}-py3-none-any.whl[{extra}]' with its wheel"
    )


def require(module: str, extra: str) -> ModuleType:
    """Imports an optional package.

    Args:
        module: The module to import, e.g. ``'open_clip'``.
        extra: The extra of this package that installs it, e.g. ``'teachers'``.

    Raises:
        ImportError: If the module is missing; the message says how to install the extra.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.split('.')[0] != module.split('.')[0]:
            raise
        raise ImportError(
            f"'{module}' is needed here and is not installed: {how_to_install(extra)}"
        ) from error
