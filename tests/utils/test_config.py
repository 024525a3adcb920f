"""What MMEngine says while a config is read."""

import pytest
from mmengine.logging import MMLogger

from recon_mm.utils.config import read_config

LINE = 'Using env variable `RECON_DATA` with value of /shapes'


def test_a_replaced_variable_is_said_once_on_standard_error(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setenv('RECON_DATA', '/shapes')
    for name in ('a', 'b'):
        (tmp_path / f'{name}.py').write_text(f"{name} = '{{{{$RECON_DATA:data}}}}/{name}'\n")
    (tmp_path / 'c.py').write_text("_base_ = ['./a.py', './b.py']\n")
    for _ in range(2):  # for each config
        cfg = read_config(tmp_path / 'c.py')
        assert (cfg.a, cfg.b) == ('/shapes/a', '/shapes/b')
        captured = capsys.readouterr()
        assert captured.err.count(LINE) == 1
        assert captured.out == ''


def test_logging_is_afterwards_as_before(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv('RECON_DATA', '/shapes')
    logger = MMLogger.get_current_instance()
    before = list(logger.filters)
    (tmp_path / 'a.py').write_text("a = '{{$RECON_DATA:data}}'\n")
    (tmp_path / 'broken.py').write_text("_base_ = './a.py'\na = nothing\n")
    with pytest.raises(NameError):
        read_config(tmp_path / 'broken.py')
    assert logger.filters == before
