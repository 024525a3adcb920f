"""Code blocks of the README, of the pages of the site, and of the configs' first comments."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FOLDERS = ('*.md', 'docs/**/*.md', 'configs/*/*.md', 'benchmarks/*.md')
PAGES = sorted(page for folder in FOLDERS for page in ROOT.glob(folder))
CONFIGS = sorted(ROOT.glob('configs/recon*/*.py'))
MARK = re.compile(r'<!-- not run: (.+) -->\n+$')  # in front of a block
FENCE = re.compile(r'^( *)```(\S*)[^\n]*\n(.*?)^\1```$', re.DOTALL | re.MULTILINE)
INDENTED = re.compile(r'^\n((?:    \S.*\n)+)', re.MULTILINE)
HEADER = re.compile(r'\A(?:#.*\n)+')
IN_HEADER = re.compile(r'(?:^#   .*\n)+', re.MULTILINE)
IS_SHELL = re.compile(r'(?:export |[A-Z_]+=\S+ )?(?:python |recon-mm |\w+=)')
SPAN = re.compile(r'(?<!`)`([^`\n]+(?:\n[^`\n]+)?)`(?!`)')


class Block(NamedTuple):
    """A code block: where it begins, its language, its text, and why it is not run, if so."""

    page: str
    line: int
    language: str
    text: str
    not_run: str = ''

    def __str__(self) -> str:
        return f'{self.page}:{self.line}'


def blocks(language: str | None = None) -> list[Block]:
    """All fenced blocks, of one language if it is named."""
    found = (block for page in PAGES for block in _fenced(page))
    return [block for block in found if language in (None, block.language)]


def _fenced(page: Path) -> Iterator[Block]:
    text = page.read_text()
    for match in FENCE.finditer(text):
        mark = MARK.search(text[: match.start()])
        yield Block(name(page), line(text, match), match[2], match[3], mark[1] if mark else '')


def headers() -> Iterator[Block]:
    """The commands in the first comment of each config."""
    for config in CONFIGS:
        comment = HEADER.match(config.read_text())
        for match in IN_HEADER.finditer(comment[0] if comment else ''):
            text = re.sub('^# *', '', match[0], flags=re.MULTILINE)
            if IS_SHELL.match(text):
                yield Block(name(config), line(comment[0], match), 'bash', text)


def indented() -> list[str]:
    """Where a block is indented, and not fenced with its language."""
    places = []
    for page in PAGES:
        text = FENCE.sub(lambda match: '\n' * match[0].count('\n'), page.read_text())
        places += [f'{name(page)}:{line(text, match) + 1}' for match in INDENTED.finditer(text)]
    return places


def spans() -> Iterator[Block]:
    """Code within the text of the pages."""
    for page in PAGES:
        text = FENCE.sub(lambda match: '\n' * match[0].count('\n'), page.read_text())
        for match in SPAN.finditer(text):
            yield Block(name(page), line(text, match), 'bash', match[1].replace('\n', ' '))


def name(page: Path) -> str:
    """Its path in the checkout."""
    return page.relative_to(ROOT).as_posix()


def line(text: str, match: re.Match) -> int:
    """The number of the line where a match begins."""
    return text[: match.start()].count('\n') + 1
