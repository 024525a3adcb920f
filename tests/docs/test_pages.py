"""Pages: the site builds, and the examples of Python run (those of the shell: test_commands)."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

from recon_mm.apis import get_model
from recon_mm.cli import COMMANDS
from tests.stores import store_features

from .pages import ROOT, Block, blocks


def test_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip('sphinx', reason="needs the extra 'docs'")
    command = [sys.executable, '-m', 'sphinx', '-W', '-q', '-E', str(ROOT / 'docs'), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    zoo = (tmp_path / 'model_zoo.html').read_text()
    assert 'classification_modelnet40_1k_full' in zoo and '94.5' in zoo
    assert 'furthest_point_sample' in (tmp_path / 'api/ops.html').read_text()


@pytest.fixture(scope='module')
def example_folder(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data, stored features and checkpoints under the names that examples use."""
    folder = tmp_path_factory.mktemp('examples')
    (folder / 'data/ShapeNet55-34').mkdir(parents=True)
    (folder / 'data/demo').symlink_to(demo_data)
    features = np.ones((1, 8, 768), np.float16)
    ids = ['02691156-1a04e3eab45ca15dd86060f189eb133']
    store_features(folder / 'data/ShapeNet55-34/teacher_features', features, ids)
    (folder / 'work_dirs/demo').mkdir(parents=True)
    for name, path in {
        'classification_modelnet40_1k_full': 'epoch_300.pth',
        'pretrain_demo_no_teachers': 'work_dirs/demo/epoch_24.pth',
    }.items():
        model = get_model(name, device='cpu')
        torch.save({'state_dict': model.state_dict(), 'meta': {}}, folder / path)
    return folder


@pytest.mark.parametrize('block', blocks('python'), ids=str)
def test_examples_run(
    block: Block, example_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    if block.not_run:
        pytest.skip(block.not_run)
    if 'mmdet3d' in block.text:
        pytest.importorskip('mmdet3d', reason='needs mmdet3d')
    monkeypatch.chdir(example_folder)
    if 'import ' not in block.text.replace('custom_imports', ''):  # a part of a config
        file = example_folder / 'part.py'
        file.write_text(block.text)
        assert len(Config.fromfile(file)) > 0
        return
    exec(compile(block.text, str(block), 'exec'), {})
    assert 'print(' not in block.text or capsys.readouterr().out.strip()


def test_every_command_on_clouds_is_in_the_table() -> None:
    page = (ROOT / 'docs/inference.md').read_text()
    for name, (place, _) in COMMANDS.items():
        assert not place.startswith('recon_mm.apis.infer:') or f'| `{name}` |' in page
