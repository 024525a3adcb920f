"""The part of a shell's language that the pages use."""

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

VARIABLE = re.compile(r'\$(\w+)')
ASSIGNMENT = re.compile(r'([A-Za-z_]\w*)=(.*)', re.DOTALL)


class Command(NamedTuple):
    """The words of a command, the variables in front of it, and the file after ``>``, if any."""

    words: list[str]
    environment: dict[str, str]
    output: str

    def __str__(self) -> str:
        return shlex.join(self.words)


class Shell:
    """Reads blocks in their order: applies assignments and exports, gives the commands."""

    def __init__(self, home: str = '~') -> None:
        self.home = home
        self.variables: dict[str, str] = {}
        self.exported: dict[str, str] = {}

    def read(self, text: str) -> Iterator[Command]:
        """The commands of a block, each when those before it were taken; raises KeyError."""
        for line in text.replace('\\\n', ' ').splitlines():
            line = VARIABLE.sub(lambda match: self.variables[match[1]], line)
            lexer = shlex.shlex(line, posix=True, punctuation_chars='&;<>|')
            lexer.whitespace_split = True
            for tokens in split(list(lexer)):
                yield from self._apply(tokens)

    def _apply(self, tokens: list[str]) -> Iterator[Command]:
        output = ''
        if '>' in tokens:
            place = tokens.index('>')
            output = self._path(tokens[place + 1])
            tokens = tokens[:place] + tokens[place + 2 :]
        assigned: dict[str, str] = {}
        exports = tokens[:1] == ['export']
        tokens = tokens[exports:]
        while tokens and (match := ASSIGNMENT.fullmatch(tokens[0])):
            assigned[match[1]] = self._path(match[2])
            tokens = tokens[1:]
        if tokens:
            words = [self._path(word) for word in tokens]
            yield Command(words, {**self.exported, **assigned}, output)
        else:
            self.variables |= assigned
            self.exported |= assigned if exports else {}

    def _path(self, word: str) -> str:
        return self.home + word[1:] if word.startswith('~/') else word


def split(tokens: list[str]) -> Iterator[list[str]]:
    """Tokens between ``&&`` and ``;``."""
    part: list[str] = []
    for token in [*tokens, ';']:
        if token not in ('&&', ';'):
            part.append(token)
        elif part:
            yield part
            part = []
