"""What is imported is declared: a scan of every import of the package and its tools."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from setup import EXTRAS, requirements
from tests.tiny import ROOT

# Modules whose name differs from the package that installs them.
DISTRIBUTIONS = {
    'PIL': 'pillow',
    'cv2': 'mmengine',  # which requires opencv-python
    'mmcv': 'mmcv-lite',  # or mmcv: the user's choice, so an extra
    'mpl_toolkits': 'matplotlib',
    'open_clip': 'open_clip_torch',
    'sentence_transformers': 'sentence-transformers',
    'sklearn': 'scikit-learn',
}
FILES = sorted([*(ROOT / 'recon_mm').rglob('*.py'), *(ROOT / 'tools').rglob('*.py')])
OWN = {'recon_mm', 'demo', 'benchmarks', *sys.stdlib_module_names}


def distribution(module: str) -> str:
    name = module.split('.')[0]
    return DISTRIBUTIONS.get(name, name)


def declared(extra: str) -> set[str]:
    return {line.split('=')[0].rstrip('<>~! ') for line in requirements(extra)}


def imports(nodes: list[ast.stmt]) -> Iterator[str]:
    """The modules that statements import, without what stands below them."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module


def outside(modules: Iterator[str]) -> set[str]:
    return {distribution(name) for name in modules if name.split('.')[0] not in OWN}


def test_every_import_is_declared() -> None:
    everything = declared('runtime').union(*map(declared, EXTRAS))
    for path in FILES:
        nodes = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.stmt)]
        assert outside(imports(nodes)) <= everything, path


def test_what_importing_the_package_needs_is_installed_with_it() -> None:
    """An optional package is imported in a function, or in a subpackage that few import."""
    found = set[str]()
    for path in (ROOT / 'recon_mm').rglob('*.py'):
        if not {'visualization', 'integrations', 'demo'} & set(path.parts):
            found |= outside(imports(ast.parse(path.read_text()).body))
    assert {'torch', 'mmengine', 'numpy', 'filelock'} <= found
    assert found - declared('runtime') == {'mmcv-lite'}


def required(path: Path) -> Iterator[tuple[str, str]]:
    """The literal calls of ``require(module, extra)`` in a file."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'require':
            module, extra = node.args
            if isinstance(module, ast.Constant) and isinstance(extra, ast.Constant):
                yield str(module.value), str(extra.value)


def test_the_named_extra_brings_the_package() -> None:
    calls = {call for path in FILES for call in required(path)}
    assert ('open_clip', 'teachers') in calls
    for module, extra in calls:
        assert distribution(module) in declared(extra), (module, extra)


@pytest.mark.parametrize('extra', ['runtime', *EXTRAS])
def test_no_extra_names_this_package(extra: str) -> None:
    """It is on no registry: pip would install whatever has that name there."""
    assert not {'recon_mm', 'recon-mm'} & declared(extra)


def test_the_oldest_are_the_lower_bounds() -> None:
    oldest = dict(line.split('==') for line in requirements('oldest'))
    for line in requirements('runtime'):
        name, found, bounds = line.partition('>=')
        if found:
            assert oldest[name].startswith(bounds.split(',')[0]), line
            assert '<' in bounds, f'{line} has no upper bound'
