"""The command line of zero-shot classification."""

import json
import runpy
import sys

import numpy as np

from tests.tiny import ROOT

CLASSES = ['coffee mug', 'office_chair', 'lamp']


def test_prints_the_best_and_writes_all(tiny_config, tmp_path, monkeypatch, capsys) -> None:
    """In this process, where the small CLIP is known."""
    tiny_config('zeroshot_modelnet40').dump(tmp_path / 'config.py')
    file, out = str(tmp_path / 'cloud.npy'), tmp_path / 'result.json'
    np.save(file, np.random.default_rng(0).normal(size=(1500, 3)))
    arguments = [tmp_path / 'config.py', 'none', '--classes', *CLASSES, '--points', file]
    arguments += ['--out', out, '--device', 'cpu', '--top', '2']
    monkeypatch.setattr(sys, 'argv', ['zero_shot.py', *map(str, arguments)])
    runpy.run_path(str(ROOT / 'tools/zero_shot.py'), run_name='__main__')
    result = json.loads(out.read_text())[file]
    assert set(result['similarities']) == set(CLASSES)
    printed = capsys.readouterr().out.splitlines()[-1]
    assert printed.startswith(f'{file}: {result["class"]} (')
    assert printed.count('(') == 2
