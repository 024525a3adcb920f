import json
import os
import subprocess
import sys
from types import ModuleType

import pytest
from mmengine.config import Config

from tests.tiny import ROOT, load_tool

TOOL = ROOT / 'tools' / 'few_shot.py'


@pytest.fixture(scope='module')
def tool() -> ModuleType:
    return load_tool(TOOL)


def test_mean_and_spread_of_each_setting(tool) -> None:
    accuracies = {tool.Fold(10, 20, 0): 50.0}
    accuracies |= {tool.Fold(5, 10, i): value for i, value in enumerate((90.0, 96.0, 93.0))}
    rows = tool.summarize(accuracies)
    assert rows == [
        dict(way=5, shot=10, mean=93.0, std=pytest.approx(3.0), accuracies=[90.0, 96.0, 93.0]),
        dict(way=10, shot=20, mean=50.0, std=None, accuracies=[50.0]),
    ]
    lines = tool.markdown(rows).splitlines()
    assert lines[2:] == [
        '| 5-way 10-shot | 3 | 93.0 ± 3.0 | 90.0, 96.0, 93.0 |',
        '| 10-way 20-shot | 1 | 50.0 | 50.0 |',
    ]


def test_results_of_two_runs_are_not_mixed(tool, tmp_path) -> None:
    first = Config(dict(lr=1.0, load_from=None))
    tool.check_same_run(tmp_path, first)
    tool.check_same_run(tmp_path, first)
    with pytest.raises(SystemExit, match='holds folds of another run; config is'):
        tool.check_same_run(tmp_path, Config(dict(lr=2.0, load_from=None)))


def test_command_trains_what_is_missing(tiny_config, tmp_path) -> None:
    """Two folds at the same time, of which one was finished before; the shots fill no batch."""
    cfg = tiny_config('fewshot_modelnet40_drawn')
    for key in ('train', 'val', 'test'):
        cfg[f'{key}_dataloader'].dataset.indices = None
    cfg.train_dataloader.batch_size = 32
    cfg.dump(tmp_path / 'config.py')
    work_dir = tmp_path / 'few_shot'
    finished = work_dir / '5way_1shot_0'
    finished.mkdir(parents=True)
    (finished / 'result.json').write_text('{"accuracy": 40.0}')
    command = [sys.executable, TOOL, tmp_path / 'config.py', 'none', '--work-dir', work_dir]
    options = ['--ways', '5', '--shots', '1', '--folds', '0', '1', '--jobs', '2']
    environment = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    done = subprocess.run(
        [*map(str, command), *options], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert '2 folds, 1 of them finished before' in done.stdout
    (row,) = json.loads((work_dir / 'few_shot.json').read_text())
    assert row['accuracies'][0] == 40
    assert row['accuracies'][1] % 20 == 0  # five queries
    assert sorted(path.name for path in finished.iterdir()) == ['result.json']
    log = next((work_dir / '5way_1shot_1').glob('*/vis_data/scalars.json')).read_text()
    assert '"loss"' in log  # a step was taken
    assert not list(work_dir.glob('**/*.pth'))
    assert '5-way 1-shot | 2 |' in (work_dir / 'few_shot.md').read_text()
