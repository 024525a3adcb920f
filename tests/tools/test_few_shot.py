"""The command line of the few-shot table."""

import json

from mmengine.config import Config

from tests.tools.commands import run_tool


def test_trains_what_is_missing(tiny_config, tmp_path) -> None:
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
    command = ['few_shot.py', tmp_path / 'config.py', 'none', '--work-dir', work_dir]
    command.append('--amp')
    done = run_tool(*command, *['--ways', '5', '--shots', '1', '--folds', '0', '1', '--jobs', '2'])
    assert done.returncode == 0, done.stderr[-3000:]
    assert '2 folds, 1 of them finished before' in done.stdout
    (row,) = json.loads((work_dir / 'few_shot.json').read_text())
    assert row['accuracies'][0] == 40
    assert row['accuracies'][1] % 20 == 0  # five queries
    assert sorted(path.name for path in finished.iterdir()) == ['result.json']
    log = next((work_dir / '5way_1shot_1').glob('*/vis_data/scalars.json')).read_text()
    assert '"loss"' in log  # a step was taken
    assert Config.fromfile(next((work_dir / '5way_1shot_1').glob('*.py'))).optim_wrapper.type == (
        'recon_mm.BFloat16OptimWrapper'
    )
    assert not list(work_dir.glob('**/*.pth'))
    assert '5-way 1-shot | 2 |' in (work_dir / 'few_shot.md').read_text()

    other = run_tool(*command, '--cfg-options', 'randomness.seed=7')
    assert other.returncode == 1
    assert 'holds folds of a different run; config is' in other.stderr.splitlines()[-1]
