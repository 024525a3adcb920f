"""The command line of the demo data."""

import importlib.util
from pathlib import Path

import pytest

for package in ('trimesh', 'h5py', 'PIL'):
    pytest.importorskip(package)
TOOL = Path(__file__).parents[2] / 'tools' / 'dataset_converters' / 'make_demo_data.py'


@pytest.fixture(scope='module')
def tool():
    spec = importlib.util.spec_from_file_location('make_demo_data', TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def arguments(tmp_path):
    return [
        '--out', str(tmp_path / 'demo'), '--sets', 'scanobjectnn', '--workers', '1',
        '--shapes-per-category', '1', '1',
    ]  # fmt: skip


def test_writes_a_set_then_refuses_to_write_over_it(tool, arguments, capsys, tmp_path):
    assert tool.main(arguments) == 0
    printed = capsys.readouterr().out
    assert 'ScanObjectNN: 7 files' in printed
    assert f'RECON_DATA={tmp_path / "demo"}' in printed
    assert tool.main(arguments) == 1
    assert 'demo data already' in capsys.readouterr().err
    assert tool.main([*arguments, '--overwrite']) == 0


def test_unknown_set_ends_with_the_choices(tool, capsys):
    with pytest.raises(SystemExit) as ended:
        tool.main(['--sets', 'imagenet'])
    assert ended.value.code == 2
    assert 'shapenet55' in capsys.readouterr().err


def test_defaults_write_every_set_to_data_demo(tool):
    args = tool.parse_args([])
    assert args.out == 'data/demo'
    assert args.sets == list(tool.LAYOUTS)
    assert args.shapes_per_category is None and not args.overwrite
