"""Commands of the pages: each is run, or stands in a block that says why not.

The blocks of a page are run in its order, for they build on each other. Of what is not run, and of
commands within the text, the arguments are read by the command's own parser.
"""

import argparse
import re
import shlex
import sys
from collections.abc import Iterator
from importlib import import_module
from itertools import groupby

import pytest

from recon_mm.apis.command_line import load_config

from .pages import ROOT, Block, blocks, headers, indented, spans
from .reader import Reader, command_of, parser_of
from .shell import Shell

LANGUAGES = ('bash', 'python', 'text')
ALL = [*blocks('bash'), *headers()]
RUN = {
    page: [block for block in found if not block.not_run]
    for page, found in groupby(ALL, lambda block: re.sub(r'/\w+\.py', '/*.py', block.page))
}
READERS_OWN = ('CONFIG', 'my_votenet.py', 'my_pretraining.py')
MMDET3D = 'tools/create_data.py'
COMMAND = re.compile(r'(?:[A-Z_]+=\S+ +)*((?:python |recon-mm |bash tools/|tools/).+)')


def only_read() -> Iterator[tuple[Block, list[str]]]:
    """Commands of this project that are not run: in marked blocks, and within the text."""
    for block in (*(block for block in ALL if block.not_run), *spans()):
        one = 'pretrain_hybrid_base' if 'reconpp' in block.text else 'pretrain_shapenet'
        text = block.text.replace('\\\n', ' ').replace('<config>', one)
        for line in text.splitlines():
            match = COMMAND.fullmatch(line.split(' #')[0].strip())
            if match and not re.search(rf'[<$]|\.\.\.|^{MMDET3D}', match[1]):
                words = shlex.split(match[1])
                yield block, ['python', *words] if words[0].endswith('.py') else words


def test_every_block_says_its_language() -> None:
    assert not indented(), 'fence these blocks, and name their language'
    strange = [
        b for b in blocks() if b.language not in LANGUAGES and not b.language.startswith('{')
    ]
    assert not [str(block) for block in strange]


def test_no_command_is_passed_over() -> None:
    """What is in a block that is run is a command of this project, or applied by the reader."""
    for found in RUN.values():
        shell = Shell()
        for block in found:
            for command in shell.read(block.text):
                assert command.words[0] == 'mkdir' or command_of(command.words), (
                    f'{block}: {command}: cannot be run here; put <!-- not run: REASON --> in '
                    f'front of its block'
                )


def test_reasons_name_what_is_there() -> None:
    for block in ALL + blocks('python'):
        for path in re.findall(r'(?:tests/|\.ci/)[\w./]*\w', block.not_run):
            assert (ROOT / path).exists(), f'{block}: {path}'


@pytest.mark.parametrize('page', [page for page, found in RUN.items() if found])
def test_page(page: str, reader: Reader) -> None:
    for block in RUN[page]:
        reader.work_through(block)


@pytest.mark.parametrize(
    ('block', 'words'),
    list(only_read()),
    ids=lambda value: str(value) if isinstance(value, Block) else ' '.join(value)[:60],
)
def test_arguments_are_accepted(
    block: Block, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = next(word for word in words if word not in ('python', 'bash', '-m'))
    if script.startswith('benchmarks.'):
        read_by_benchmark(script, words[3:], monkeypatch)
    elif script.endswith('.sh') or 'demo/' in script:
        assert (ROOT / script).is_file()
    elif len(words) > 2 and words[1] != '-m' and words[2] != '--help':
        args = parser_of(words).parse_args(words[2:])
        config = getattr(args, 'config', None) or 'CONFIG'
        if config not in READERS_OWN and 'mmdet3d' not in config:
            load_config(args)


class ReadError(Exception):
    """Ends a benchmark when it has read its arguments."""


def read_by_benchmark(module: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a benchmark read its arguments, and ends it there."""
    read = argparse.ArgumentParser.parse_args

    def read_only(*args, **kwargs) -> None:
        read(*args, **kwargs)
        raise ReadError

    monkeypatch.setattr(argparse.ArgumentParser, 'parse_args', read_only)
    monkeypatch.setattr(sys, 'argv', [module, *arguments])
    with pytest.raises(ReadError):
        import_module(module).main()
