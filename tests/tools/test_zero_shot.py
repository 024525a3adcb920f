"""The command line of zero-shot classification."""

import json

import numpy as np

from tests.tools.commands import tool_main

CLASSES = ['coffee mug', 'office_chair', 'lamp']


def test_prints_the_best_and_writes_all(tiny_config, tmp_path, capsys) -> None:
    """In this process, where the small CLIP is known."""
    tiny_config('zeroshot_modelnet40').dump(tmp_path / 'config.py')
    file, out = str(tmp_path / 'cloud.npy'), tmp_path / 'result.json'
    np.save(file, np.random.default_rng(0).normal(size=(1500, 3)))
    arguments = [tmp_path / 'config.py', 'none', '--classes', *CLASSES, '--points', file]
    arguments += ['--out', out, '--device', 'cpu', '--top', '2']
    assert tool_main('zero_shot.py')(list(map(str, arguments))) == 0
    result = json.loads(out.read_text())[file]
    assert set(result['similarities']) == set(CLASSES)
    printed = capsys.readouterr().out.splitlines()[-1]
    assert printed.startswith(f'{file}: {result["class"]} (')
    assert printed.count('(') == 2


def test_one_bad_file_does_not_lose_the_others(tiny_config, tmp_path, capsys) -> None:
    tiny_config('zeroshot_modelnet40').dump(tmp_path / 'config.py')
    good, bad, out = tmp_path / 'a.npy', tmp_path / 'b.npy', tmp_path / 'result.json'
    np.save(good, np.random.default_rng(0).normal(size=(1500, 3)))
    bad.write_bytes(b'no cloud')
    arguments = [tmp_path / 'config.py', 'none', '--classes', *CLASSES, '--points', bad, good]
    arguments += ['--out', out, '--device', 'cpu']
    assert tool_main('zero_shot.py')(list(map(str, arguments))) == 3
    results = json.loads(out.read_text())
    assert 'cannot be read' in results[str(bad)]['error']
    assert set(results[str(good)]['similarities']) == set(CLASSES)
