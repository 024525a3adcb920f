"""The command line of the demo data."""

import pytest

from demo.command import main, parse_args
from demo.layouts import LAYOUTS

for package in ('trimesh', 'h5py', 'PIL'):
    pytest.importorskip(package)


def test_writes_a_set_then_refuses_to_write_over_it(capsys, tmp_path):
    arguments = [
        '--out', str(tmp_path / 'demo'), '--sets', 'scanobjectnn', '--workers', '1',
        '--shapes-per-category', '1', '1',
    ]  # fmt: skip
    assert main(argv=arguments) == 0
    printed = capsys.readouterr().out
    assert 'ScanObjectNN: 7 files' in printed
    assert f'RECON_DATA={tmp_path / "demo"}' in printed
    assert main(argv=arguments) == 1
    assert 'demo data already' in capsys.readouterr().err
    assert main(argv=[*arguments, '--overwrite']) == 0


def test_unknown_set_ends_with_the_choices(capsys):
    with pytest.raises(SystemExit) as ended:
        main(argv=['--sets', 'imagenet'])
    assert ended.value.code == 2
    assert 'shapenet55' in capsys.readouterr().err


def test_defaults_write_every_set_to_data_demo():
    args = parse_args([])
    assert args.out == 'data/demo'
    assert args.sets == list(LAYOUTS)
    assert args.shapes_per_category is None and not args.overwrite
