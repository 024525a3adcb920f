import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from recon_mm.models.release import from_release
from tests.reference import reference_state_dict

TOOL = Path(__file__).parents[2] / 'tools' / 'model_converters' / 'convert_release.py'


@pytest.fixture(scope='module')
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location('convert_release', TOOL)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def convert(tool, monkeypatch):
    def run(*arguments: object) -> None:
        monkeypatch.setattr(sys, 'argv', ['convert_release.py', *map(str, arguments)])
        tool.main()

    return run


def equal(first: dict, second: dict) -> bool:
    return set(first) == set(second) and all(torch.equal(first[k], second[k]) for k in first)


@pytest.mark.parametrize(
    ('folder', 'table', 'wrapper'),
    [
        ('tiny', 'pretrain', 'base_model'),
        ('tiny', 'cls_full', 'base_model'),
        ('partseg', None, 'model_state_dict'),
    ],
)
def test_there_and_back(reference_dir, tmp_path, convert, capsys, folder, table, wrapper) -> None:
    release = reference_state_dict(reference_dir / folder, table)
    theirs, ours, back = (tmp_path / name for name in ('theirs.pth', 'ours.pth', 'back.pth'))
    weights = {f'module.{k}': v for k, v in release.items()}
    torch.save({wrapper: weights, 'epoch': 300, 'test_acc': np.float64(94.1)}, theirs)
    convert(theirs, ours)
    report = capsys.readouterr().out
    assert 'missing in the file: 0' in report
    assert 'not understood, left out: 0' in report
    converted = torch.load(ours, weights_only=True)
    assert equal(converted['state_dict'], from_release(release)[0])
    convert(ours, back, '--to-release')
    assert equal(torch.load(back, weights_only=True)[wrapper], release)


def test_report_names_what_differs(reference_dir, tmp_path, convert, capsys) -> None:
    release = reference_state_dict(reference_dir / 'tiny', 'svm')
    del release['cls_token']
    release['strange.weight'] = torch.zeros(2)
    torch.save(dict(base_model=release), tmp_path / 'in.pth')
    convert(tmp_path / 'in.pth', tmp_path / 'out.pth')
    report = capsys.readouterr().out
    assert 'embed_dims=96, depth=4' in report
    assert 'missing in the file: 1\n    backbone.cls_token' in report
    assert 'not understood, left out: 1\n    strange.weight' in report


def test_another_architecture_is_refused_in_words(reference_dir, tmp_path, convert) -> None:
    config = tmp_path / 'config.py'
    config.write_text(
        "model = dict(type='PointClassifier', head=dict(type='PointClsHead', embed_dims=48), "
        "backbone=dict(type='ReConTransformer', embed_dims=48, depth=4, num_heads=3))"
    )
    torch.save(reference_state_dict(reference_dir / 'tiny', 'svm'), tmp_path / 'in.pth')
    with pytest.raises(SystemExit, match='this file is embed_dims=96, depth=4; the model is emb'):
        convert(tmp_path / 'in.pth', tmp_path / 'out.pth', '--config', config)
    assert not (tmp_path / 'out.pth').exists()


def test_a_file_of_something_else_is_refused(tmp_path, convert) -> None:
    torch.save({'layer1.conv.weight': torch.zeros(2)}, tmp_path / 'resnet.pth')
    with pytest.raises(SystemExit, match=r'no backbone.*layer1\.conv\.weight'):
        convert(tmp_path / 'resnet.pth', tmp_path / 'out.pth')
