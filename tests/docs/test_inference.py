"""Runs what docs/inference.md says, on demo data and with a checkpoint of random weights."""

import re
import shlex
from pathlib import Path

import pytest
import torch

from recon_mm.apis import init_model
from recon_mm.cli import COMMANDS as CLI
from recon_mm.cli import main
from tests.tiny import ROOT

TEXT = (ROOT / 'docs/inference.md').read_text()
BLOCKS = re.findall(r'```(\w+)\n(.*?)```', TEXT, re.DOTALL)
COMMANDS = [
    line
    for language, block in BLOCKS
    if language == 'bash'
    for line in block.replace('\\\n', ' ').splitlines()
    if line.startswith('recon-mm ')
]
CONFIG = 'recon/pretrain_demo_no_teachers'


@pytest.fixture
def checkout(demo_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the demo data and the checkpoint that the page makes."""
    (tmp_path / 'data').mkdir()
    (tmp_path / 'data/demo').symlink_to(demo_data)
    (tmp_path / 'work_dirs/demo').mkdir(parents=True)
    model = init_model(CONFIG, device='cpu')
    torch.save(model.state_dict(), tmp_path / 'work_dirs/demo/epoch_24.pth')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands_on_the_demo(checkout: Path) -> None:
    demo = [line for line in COMMANDS if CONFIG in line]
    assert len(demo) == 5
    few = sorted((checkout / 'data/demo/ShapeNet55-34/shapenet_pc').iterdir())[:2]
    for line in demo:
        line = line.replace('$CHECKPOINT', 'work_dirs/demo/epoch_24.pth')
        line = line.replace('$SHAPES', ' '.join(str(file.resolve()) for file in few))
        assert main([*shlex.split(line)[1:], '--device', 'cpu']) == 0, line
    for name in ('features.npz', 'points', 'reconstructed', 'attention', 'similar.jsonl'):
        assert (checkout / name).exists()


@pytest.mark.parametrize('line', [line for line in COMMANDS if ' CHECKPOINT ' in line])
def test_commands_whose_models_the_demo_lacks_are_understood(line: str, capsys) -> None:
    """They end where the checkpoint is looked for, not at their options."""
    assert main([*shlex.split(line)[1:], '--device', 'cpu']) == 1
    assert 'CHECKPOINT' in capsys.readouterr().err


@pytest.mark.parametrize('snippet', [block for language, block in BLOCKS if language == 'python'])
def test_snippets(snippet: str, checkout: Path, capsys) -> None:
    exec(compile(snippet, 'docs/inference.md', 'exec'), {})
    assert capsys.readouterr().out.strip()


def test_every_command_is_named() -> None:
    for name, (place, _) in CLI.items():
        if place.startswith('recon_mm.apis.infer:'):
            assert f'| `{name}` |' in TEXT
