"""The command lines of the analysis tools."""

import json

import pytest

from tests.tools.commands import run_tool


@pytest.mark.parametrize(
    ('tool', 'config'),
    [
        ('visualize_part_segmentation', 'part_segmentation_shapenetpart'),
        ('visualize_reconstruction', 'linear_svm_modelnet40'),
    ],
)
def test_pictures_are_written(tiny_config, tmp_path, tool, config) -> None:
    tiny_config(config).dump(tmp_path / 'config.py')
    picture = tmp_path / 'pictures/picture.png'
    arguments = ['config.py', 'none', '--out', picture, '--num', '3', '--device', 'cpu']
    done = run_tool(f'analysis_tools/{tool}.py', *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines()[-1] == f'wrote {picture}'
    assert picture.stat().st_size > 10_000


def test_validations_are_a_table(tmp_path) -> None:
    log = tmp_path / 'run/vis_data/scalars.json'
    log.parent.mkdir(parents=True)
    records = [{'svm/accuracy': value, 'step': epoch} for epoch, value in enumerate((5, 61.237))]
    log.write_text('\n'.join(map(json.dumps, records)))
    done = run_tool('analysis_tools/summarize_validation.py', tmp_path)
    assert done.stdout.splitlines() == [*('epoch\tsvm/accuracy', '0 (untrained)\t5.00', '1\t61.24')]
    done = run_tool('analysis_tools/summarize_validation.py', tmp_path / 'run')
    assert done.returncode == 1 and 'was a model trained there?' in done.stderr
