"""Pages: the site builds, examples run, and commands are what their own parsers accept.

A command is not run (pretraining takes hours) but read by the parser of the command itself, and its
config is loaded with its overrides, which are checked; the tests of each tool run it.
"""

import argparse
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from recon_mm.apis import get_model
from recon_mm.apis.command_line import load_config
from recon_mm.cli import find_command
from recon_mm.utils.commands import CommandParser

from .pages import ROOT, Block, blocks, commands

PLACEHOLDERS = {'CONFIG', '$SMALL', 'my_votenet.py', 'my_config.py', 'my_pretraining.py'}


class ParsedError(Exception):
    """Carries what a command's parser read."""


def parse(words: list[str], monkeypatch) -> argparse.Namespace:
    """What the parser of a command reads from its words."""
    real = argparse.ArgumentParser.parse_args

    def parse_only(parser, argv=None, namespace=None):
        raise ParsedError(real(parser, argv, namespace))

    monkeypatch.setattr(CommandParser, 'parse_args', parse_only)
    if words[0] == 'recon-mm':
        name, *arguments = words[1:]
        main = find_command(name)
    else:
        script, *arguments = words[1:]
        monkeypatch.setattr(sys, 'argv', [script])
        main = runpy.run_path(str(ROOT / script))['main']
    with pytest.raises(ParsedError) as parsed:
        main(arguments)
    return parsed.value.args[0]


def test_site_builds_without_a_warning(tmp_path):
    pytest.importorskip('sphinx', reason="needs the extra 'docs'")
    command = [sys.executable, '-m', 'sphinx', '-W', '-q', '-E', str(ROOT / 'docs'), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    zoo = (tmp_path / 'model_zoo.html').read_text()
    assert 'classification_modelnet40_1k_full' in zoo and '94.5' in zoo
    assert 'furthest_point_sample' in (tmp_path / 'api/ops.html').read_text()


@pytest.mark.parametrize(
    ('block', 'words'),
    [(block, words) for block in blocks('bash') for words in commands(block)],
    ids=lambda value: str(value) if isinstance(value, Block) else ' '.join(value)[:60],
)
def test_commands_are_accepted(block, words, monkeypatch):
    if words[0] == 'bash' or words[0].startswith('tools/'):
        assert (ROOT / words[words[0] == 'bash']).is_file()
        if len(words) > 1 and words[0].endswith('.sh') and words[1] not in PLACEHOLDERS:
            assert (ROOT / words[1]).is_file()
        return
    if set(words) & PLACEHOLDERS - {'CONFIG', '$SMALL'}:
        return  # a config of the reader's
    if words[:2] == ['python', '-m']:
        if words[2].startswith(('benchmarks', 'recon_mm')):
            assert (ROOT / words[2].replace('.', '/')).with_suffix('.py').is_file()
        return
    args = parse([word for word in words if word != '$SMALL'], monkeypatch)
    name = getattr(args, 'config', None) or 'CONFIG'
    if name != 'CONFIG' and 'mmdet3d' not in name:
        monkeypatch.chdir(ROOT)
        args.cfg_options = getattr(args, 'cfg_options', None)
        load_config(args)


@pytest.fixture(scope='module')
def example_folder(tmp_path_factory) -> Path:
    """A folder with a checkpoint under the name that examples use."""
    folder = tmp_path_factory.mktemp('examples')
    model = get_model('classification_modelnet40_1k_full', device='cpu')
    torch.save({'state_dict': model.state_dict(), 'meta': {}}, folder / 'epoch_300.pth')
    return folder


@pytest.mark.parametrize('block', blocks('python'), ids=str)
def test_examples_run(block, example_folder, monkeypatch):
    if block.not_run:
        pytest.skip(block.not_run)
    if 'mmdet3d' in block.text:
        pytest.importorskip('mmdet3d', reason='needs mmdet3d')
    monkeypatch.chdir(example_folder)
    if 'import ' not in block.text.replace('custom_imports', ''):  # a part of a config
        file = example_folder / 'part.py'
        file.write_text(block.text)
        assert len(Config.fromfile(file)) > 0
        return
    exec(compile(block.text, str(block), 'exec'), {})
