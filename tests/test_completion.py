"""The script of the shell completion."""

import shutil
import subprocess

import pytest

from recon_mm.cli import COMMANDS, main

ASK = """
source {script}
complete_words() {{
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    function=$(complete -p recon-mm | sed 's/.*-F \\([^ ]*\\).*/\\1/')
    $function recon-mm "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
    echo "${{COMPREPLY[@]}}"
}}
complete_words recon-mm ""
complete_words recon-mm features --le
complete_words recon-mm features --level ""
"""


def test_bash_completes_commands_and_options(tmp_path, capsys: pytest.CaptureFixture) -> None:
    pytest.importorskip('shtab')
    if shutil.which('bash') is None:
        pytest.skip('needs bash')
    assert main(['completion', 'bash']) == 0
    script = tmp_path / 'script.sh'
    script.write_text(capsys.readouterr().out)
    asked = ['bash', '-c', ASK.format(script=script)]
    shown = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    assert set(COMMANDS) <= set(shown[0].split())
    assert shown[1:] == ['--level', 'global patch point']
