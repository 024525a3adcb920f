"""The command line of the data check."""

import pytest

from tests.tools.commands import run_tool

TOOL = 'dataset_converters/check_dataset.py'


def test_status_and_output_say_what_is_wrong(demo_data, tmp_path) -> None:
    root = tmp_path / 'ShapeNet55-34'
    root.symlink_to(demo_data / 'ShapeNet55-34')
    arguments = ['--type', 'ShapeNet55', '--data-root', root, '--options', 'with_images=True']
    done = run_tool(TOOL, *arguments, "ann_files=['test.txt']")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == '1 data set(s) checked: nothing wrong'
    done = run_tool(TOOL, *arguments, "ann_files=['nowhere.txt']")
    assert done.returncode == 1
    assert 'nowhere.txt' in done.stdout
    assert done.stdout.splitlines()[-1] == '1 data set(s) checked: 1 wrong'


@pytest.mark.parametrize('arguments', [[], ['--type', 'ModelNet']])
def test_arguments_that_name_no_data_are_refused(arguments) -> None:
    done = run_tool(TOOL, *arguments)
    assert done.returncode == 2
    assert 'name a config, or --type and --data-root' in done.stderr
