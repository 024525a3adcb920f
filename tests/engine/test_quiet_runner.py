"""A runner whose console is short and whose log file has all."""

import os

from recon_mm.engine import QuietRunner
from recon_mm.engine.quiet_runner import fit_to_machine


def test_config_and_environment_are_in_the_file(tiny_config, capsys) -> None:
    cfg = tiny_config('classification_modelnet40_1k_full')
    cfg.log_level = 'INFO'
    runner = QuietRunner.from_cfg(cfg)
    runner.logger.warning('this is for people')
    shown = capsys.readouterr().out
    assert 'this is for people' in shown
    assert f'Config, environment and hooks are in {runner.logger.log_file}' in shown
    assert len(shown.splitlines()) < 10
    kept = open(runner.logger.log_file).read()  # noqa: SIM115
    for text in ('System environment:', "type='PointClassifier'", 'BufferedRuntimeInfoHook'):
        assert text in kept
        assert text not in shown


def test_a_quieter_console(tiny_config, capsys) -> None:
    class Warnings(QuietRunner):
        console_level = 30

    cfg = tiny_config('classification_modelnet40_1k_full')
    cfg.log_level = 'INFO'
    runner = Warnings.from_cfg(cfg)
    capsys.readouterr()
    runner.logger.info('for the file')
    runner.logger.warning('for people')
    assert capsys.readouterr().out.endswith('for people\n')
    assert 'for the file' in open(runner.logger.log_file).read()  # noqa: SIM115


def test_loaders_fit_the_machine(monkeypatch) -> None:
    monkeypatch.setattr('torch.accelerator.is_available', lambda: False)
    cpus = len(os.sched_getaffinity(0))
    loader = dict(num_workers=cpus + 7, pin_memory=True, batch_size=4)
    assert fit_to_machine(loader) == dict(num_workers=cpus, pin_memory=False, batch_size=4)
    assert loader['pin_memory']  # the config keeps what was asked
    assert fit_to_machine(dict(num_workers=0)) == dict(num_workers=0)
    monkeypatch.setattr('torch.accelerator.is_available', lambda: True)
    assert fit_to_machine(loader)['pin_memory']
