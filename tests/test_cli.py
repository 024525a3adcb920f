"""The command ``recon-mm``, run as a user runs it."""

import subprocess
import sys

import pytest

from recon_mm.cli import COMMANDS, main
from recon_mm.version import __version__

WITHOUT_TORCH = """
import sys
from recon_mm.cli import main
try:
    main(['--help'])
except SystemExit as finished:
    assert finished.code == 0
assert 'torch' not in sys.modules
"""


def test_help_does_not_wait_for_torch() -> None:
    command = [sys.executable, '-c', WITHOUT_TORCH]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert all(f'  {name} ' in shown for name in COMMANDS)


@pytest.mark.parametrize('name', COMMANDS)
def test_each_command_explains_itself(name: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as finished:
        main([name, '--help'])
    assert finished.value.code == 0
    assert capsys.readouterr().out.startswith(f'usage: recon-mm {name} ')


def test_an_unknown_command_is_refused(capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit):
        main(['trian'])
    assert "invalid choice: 'trian'" in capsys.readouterr().err


def test_an_unknown_config_names_the_nearest(capsys: pytest.CaptureFixture) -> None:
    assert main(['train', 'recon/pretrain_shapnet']) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("recon-mm train: error: no config 'recon/pretrain_shapnet'")
    assert 'Did you mean recon/pretrain_shapenet' in shown


def test_info_says_what_a_report_needs(capsys: pytest.CaptureFixture) -> None:
    assert main(['info']) == 0
    shown = capsys.readouterr().out
    assert f'{__version__}, ' in shown
    for name in ('PyTorch', 'MMEngine', 'CUDA available', 'mmcv ', 'numpy'):
        assert f'\n{name}' in shown, name
