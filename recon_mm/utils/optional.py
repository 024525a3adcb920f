"""Optional packages: imported where they are used, named with their extra when missing."""

from importlib import import_module
from types import ModuleType


def require(module: str, extra: str) -> ModuleType:
    """Imports an optional package.

    Args:
        module: The module to import, e.g. ``'open_clip'``.
        extra: The extra of this package that installs it, e.g. ``'teachers'``.

    Raises:
        ImportError: If the module is missing; the message names the extra.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and error.name.split('.')[0] != module.split('.')[0]:
            raise
        raise ImportError(
            f"'{module}' is needed here and is not installed: pip install 'recon_mm[{extra}]'"
        ) from error
