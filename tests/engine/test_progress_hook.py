"""Lines of progress by the clock."""

import re

import pytest

from recon_mm.engine import QuietRunner


@pytest.mark.parametrize(('seconds', 'expected'), [(0.0, True), (1000.0, False)])
def test_where_the_log_would_be_silent(seconds: float, expected: bool, tiny_config, capsys) -> None:
    cfg = tiny_config('linear_svm_modelnet40')
    cfg.log_level = 'INFO'
    cfg.default_hooks.logger.interval = 50
    cfg.default_hooks.progress.seconds = seconds
    QuietRunner.from_cfg(cfg).test()
    lines = re.findall(
        r'Epoch\(test\) \[(\d+)/(\d+)\]  \d:\d\d:\d\d left of it', capsys.readouterr().out
    )
    assert bool(lines) == expected
    if expected:
        steps = int(lines[0][1])
        assert [int(done) for done, _ in lines] == list(range(1, steps))


def test_not_where_the_logger_speaks(tiny_config, capsys) -> None:
    cfg = tiny_config('linear_svm_modelnet40')
    cfg.log_level = 'INFO'
    cfg.default_hooks.logger.interval = 1
    cfg.default_hooks.progress.seconds = 0.0
    QuietRunner.from_cfg(cfg).test()
    shown = capsys.readouterr().out
    assert 'Epoch(test) [1/' in shown
    assert 'left of it' not in shown
