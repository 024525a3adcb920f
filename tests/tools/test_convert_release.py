"""The command line of the converter."""

import torch

from tests.reference import reference_state_dict
from tests.tools.commands import run_tool

TOOL = 'model_converters/convert_release.py'


def test_writes_the_names_of_the_release(reference_dir, tmp_path) -> None:
    release = reference_state_dict(reference_dir / 'tiny', 'svm')
    torch.save(dict(base_model=release), tmp_path / 'in.pth')
    done = run_tool(TOOL, 'in.pth', 'out.pth', '--to-release', cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == 'Written: out.pth'
    written = torch.load(tmp_path / 'out.pth', weights_only=True)['base_model']
    assert len(written) == len(release)


def test_a_bad_file_is_refused_with_an_explanation(tmp_path) -> None:
    torch.save({'conv.weight': torch.zeros(2)}, tmp_path / 'in.pth')
    done = run_tool(TOOL, 'in.pth', 'out.pth', cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        'convert_release.py: error: in.pth holds no backbone of ReCon'
    )
    assert 'Traceback' not in done.stderr
