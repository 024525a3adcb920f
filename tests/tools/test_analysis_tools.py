"""The command lines of the analysis tools; tests/docs runs those of docs/visualization.md."""

import json
import re

import pytest

from tests.tools.commands import run_tool, tool_main


def test_a_page_to_rotate(tiny_config, tmp_path, capsys) -> None:
    tiny_config('linear_svm_modelnet40').dump(tmp_path / 'config.py')
    arguments = ['config.py', 'none', '--out', 'new/a.html', '--num', '1', '--device', 'cpu']
    done = run_tool('analysis_tools/visualize_reconstruction.py', *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == 'wrote new/a.html'
    assert '"unit": "distance to the nearest true point"' in (tmp_path / 'new/a.html').read_text()


def test_operations_are_printed(capsys) -> None:
    arguments = ['recon/classification_modelnet40_1k_full', '--points', '256', '--cfg-options']
    arguments += ['model.backbone.depth=2', '--depth', '1']
    assert tool_main('analysis_tools/get_flops.py')(arguments) == 0
    out = capsys.readouterr().out
    assert 'furthest_point_sample' in out and 'scaled_dot_product_attention' in out
    assert re.search(r'parameters: 8\.\d\d M, operations: 1\.\d+ G$', out.strip())


def test_curves_of_two_runs(tmp_path, capsys) -> None:
    for run, loss in (('a', 2.0), ('b', 1.0)):
        log = tmp_path / run / '1/vis_data/scalars.json'
        log.parent.mkdir(parents=True)
        records = [{'loss': loss / step, 'time': 0.25, 'step': step} for step in (1, 2)]
        log.write_text('\n'.join(map(json.dumps, records)))
    analyze = tool_main('analysis_tools/analyze_logs.py')
    folders = [str(tmp_path / run) for run in 'ab']
    out = str(tmp_path / 'curves.png')
    assert analyze([*folders, '--out', out]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        *(f'{folder}: 0.2500 s per step, from 0.2500 to 0.2500' for folder in folders),
        f'wrote {out}',
    ]
    with pytest.raises(SystemExit):
        analyze([*folders, '--keys', 'acc'])
    assert 'the logs have no acc; they have loss, time' in capsys.readouterr().err


def test_validations_are_a_table(tmp_path) -> None:
    log = tmp_path / 'run/vis_data/scalars.json'
    log.parent.mkdir(parents=True)
    records = [{'svm/accuracy': value, 'step': epoch} for epoch, value in enumerate((5, 61.237))]
    log.write_text('\n'.join(map(json.dumps, records)))
    done = run_tool('analysis_tools/summarize_validation.py', tmp_path)
    assert done.stdout.splitlines() == [*('epoch\tsvm/accuracy', '0 (untrained)\t5.00', '1\t61.24')]
    done = run_tool('analysis_tools/summarize_validation.py', tmp_path / 'run')
    assert done.returncode == 1 and 'was a model trained there?' in done.stderr
