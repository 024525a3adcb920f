"""Imports point one way; what a registry hides does, too."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny import ROOT

FORBIDDEN = {
    'datasets': {'MODELS', 'METRICS', 'HOOKS', 'LOOPS'},
    'models': {'DATASETS', 'TRANSFORMS', 'METRICS', 'HOOKS', 'LOOPS'},
}


def test_layers() -> None:
    """The contracts in pyproject.toml, imports inside functions included."""
    pytest.importorskip('importlinter')
    script = 'from importlinter.cli import lint_imports_command; lint_imports_command()'
    command = [sys.executable, '-c', script]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert '0 broken' in run.stdout


@pytest.mark.parametrize('layer', FORBIDDEN)
def test_no_layer_builds_from_the_registry_of_another(layer: str) -> None:
    used = {
        (str(file.relative_to(ROOT)), name)
        for file in (ROOT / 'recon_mm' / layer).rglob('*.py')
        for name in names(file)
    }
    assert used
    assert not [(file, name) for file, name in used if name in FORBIDDEN[layer]]


def names(file: Path) -> set[str]:
    """Every name in a module, and every attribute, with and without what it is of."""
    nodes = list(ast.walk(ast.parse(file.read_text())))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    return (
        {node.id for node in nodes if isinstance(node, ast.Name)}
        | {node.attr for node in attributes}
        | {ast.unparse(node) for node in attributes}
    )


def test_models_open_no_data_file() -> None:
    """Weights of teachers and checkpoints are read; arrays, text and JSON are not."""
    readers = {'np.load', 'np.memmap', 'open_memmap', 'fromfile', 'loadtxt', 'read_text', 'imread'}
    for file in (ROOT / 'recon_mm' / 'models').rglob('*.py'):
        assert not names(file) & readers, file
