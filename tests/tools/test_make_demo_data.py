"""The documented command of the demo data finds the package ``demo`` of its checkout."""

import os
import shutil

import pytest

from tests.tiny import ROOT
from tests.tools.commands import run_tool

TOOL = 'dataset_converters/make_demo_data.py'


def test_from_any_folder(tmp_path) -> None:
    pytest.importorskip('h5py')
    environment = {key: value for key, value in os.environ.items() if key != 'PYTHONPATH'}
    arguments = ['--out', 'made', '--sets', 'scanobjectnn', '--shapes-per-category', '1', '1']
    done = run_tool(TOOL, *arguments, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stderr
    assert 'ScanObjectNN: 7 files' in done.stdout
    assert len(list((tmp_path / 'made/ScanObjectNN').glob('*/*.h5'))) == 6
    again = run_tool(TOOL, *arguments, cwd=tmp_path, env=environment)
    assert again.returncode == 1 and 'demo data already' in again.stderr


def test_without_a_checkout_says_where_to_run_it(tmp_path) -> None:
    """An installed package brings its tools, but no demo."""
    installed = tmp_path / 'recon_mm/.mim/tools' / TOOL
    installed.parent.mkdir(parents=True)
    shutil.copy(ROOT / 'tools' / TOOL, installed)
    done = run_tool(installed)
    assert done.returncode == 1
    assert 'only a checkout of the project has' in done.stderr
