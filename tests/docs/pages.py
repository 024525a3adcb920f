"""Code blocks of the README and of the pages in docs/."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDERS = ('*.md', 'docs/**/*.md', 'configs/*/*.md')
PAGES = sorted(page for folder in FOLDERS for page in ROOT.glob(folder))
MARK = re.compile(r'<!-- not run: (.+) -->\n+$')  # in front of a block
FENCE = re.compile(r'^( *)```(\w+)\n(.*?)^\1```$', re.DOTALL | re.MULTILINE)
INDENTED = re.compile(r'^\n((?:    \S.*\n(?:    .*\n|\n(?=    ))*)+)', re.MULTILINE)
COMMAND = re.compile(r'(?:[A-Z_]+=\S+ +)*((?:python |recon-mm |bash tools/|tools/).+)')


class Block(NamedTuple):
    """A code block: where it begins, its language, its text, and why it is not run, if so."""

    page: str
    line: int
    language: str
    text: str
    not_run: str = ''

    def __str__(self) -> str:
        return f'{self.page}:{self.line}'


def blocks(language: str) -> list[Block]:
    """All fenced blocks of a language; indented ones count as bash."""
    return [block for page in PAGES for block in _blocks(page) if block.language == language]


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text()
    name = page.relative_to(ROOT).as_posix()
    for match in FENCE.finditer(text):
        mark = MARK.search(text[: match.start()])
        line = text[: match.start()].count('\n') + 1
        yield Block(name, line, match[2], match[3], mark[1] if mark else '')
    rest = FENCE.sub(lambda match: '\n' * match[0].count('\n'), text)
    for match in INDENTED.finditer(rest):
        yield Block(name, rest[: match.start()].count('\n') + 2, 'bash', match[1])


def commands(block: Block) -> Iterator[list[str]]:
    """The commands of this project in a block of shell, each as its words."""
    for line in block.text.replace('\\\n', ' ').splitlines():
        for part in re.split(r'&&|;', line.split(' #')[0].split(' > ')[0]):
            if match := COMMAND.fullmatch(part.strip()):
                yield shlex.split(match[1])
