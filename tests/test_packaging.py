"""What a wheel holds, used from a different folder like an installed package."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny import ROOT

BY_NAME = """
from mmengine.config import Config
from mmengine.hub import get_config, get_model
import recon_mm
assert recon_mm.__file__.startswith({library!r}), recon_mm.__file__

whole = get_config('recon_mm::recon/pretrain_shapenet.py')
assert whole.filename.startswith({library!r}), whole.filename
derived = Config.fromfile('derived.py')
assert derived.train_cfg.max_epochs == 7
assert derived.model.backbone.type == whole.model.backbone.type == 'ReConTransformer'
get_config('recon_mm::_base_/default_runtime.py')

from recon_mm.models import PointClassifier
model = get_model('recon_mm::recon/classification_modelnet40_1k_full.py')
assert isinstance(model, PointClassifier)

from recon_mm.apis import list_models
assert 'pretrain_shapenet' in list_models()
"""


@pytest.fixture(scope='module')
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel would install, of a copy of the sources."""
    folder = tmp_path_factory.mktemp('library')
    build = [sys.executable, 'setup.py', '-q', 'build', '--build-base', str(folder / 'build')]
    build += ['build_py', '--build-lib', str(folder / 'lib')]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return folder / 'lib'


def run(library: Path, cwd: Path, *arguments: str) -> str:
    environment = {**os.environ, 'PYTHONPATH': str(library)}
    finished = subprocess.run(
        [sys.executable, *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    return finished.stdout


def test_holds_configs_tools_and_the_model_index(library: Path) -> None:
    shipped = library / 'recon_mm/.mim'
    assert sorted(path.name for path in shipped.iterdir()) == [
        *('configs', 'model-index.yml', 'tools')
    ]
    assert (library / 'recon_mm/visualization/viewer.html').is_file()
    for pattern in ('configs/**/*.py', 'configs/**/*.yml', 'tools/**/*.py', 'tools/*.sh'):
        expected = {path.relative_to(ROOT) for path in ROOT.glob(pattern)}
        assert {path.relative_to(shipped) for path in shipped.glob(pattern)} == expected
        assert expected
    assert (library / 'recon_mm/py.typed').exists()
    assert not any(path.is_symlink() for path in shipped.rglob('*'))


def test_configs_by_the_name_of_the_package(library: Path, tmp_path: Path) -> None:
    (tmp_path / 'derived.py').write_text(
        "_base_ = 'recon_mm::recon/pretrain_shapenet.py'\ntrain_cfg = dict(max_epochs=7)\n"
    )
    run(library, tmp_path, '-c', BY_NAME.format(library=str(library)))


def test_its_training_tool_runs_from_anywhere(library: Path, tmp_path: Path) -> None:
    tool = library / 'recon_mm/.mim/tools/train.py'
    assert '--auto-scale-lr' in run(library, tmp_path, str(tool), '--help')
