"""The shapes of a folder: its files, or the lines of a list."""

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from .checks import check_root
from .errors import DataError
from .readers import reading
from .shape_files import AXES, KINDS

LIST = 'shapes.csv'
SPLITS = ('train', 'val', 'test')
LAYOUT = (
    '  <category>/<name>.<ext>   shapes, of any depth below their category\n'
    '  or <name>.<ext>           without categories\n'
    f'  or {LIST}             columns path, and any of category, caption, split, id, up'
)


class ShapeEntry(NamedTuple):
    """One shape of a list.

    Attributes:
        path: Its file, relative to the folder of the set.
        id: ``<category>/<name>``, of letters that are safe in the name of a file; unique.
        category: Its category, or ''.
        caption: What somebody said of it, or ''.
        split: ``'train'``, ``'val'``, ``'test'``, or '' where nobody decided.
        up: The axis that points up in its file, one of ``AXES``, or '' where the list does not say.
    """

    path: str
    id: str
    category: str = ''
    caption: str = ''
    split: str = ''
    up: str = ''


def list_shapes(root: Path, ann_file: str | None = None) -> list[ShapeEntry]:
    """The shapes of a folder, in an order that is the same on every machine.

    Args:
        root: The folder.
        ann_file: A CSV file below it; default ``shapes.csv`` where there is one, else every file
            of a known kind is a shape.

    Raises:
        DataError: If there is no folder, no shape, or a line of the list is wrong.
    """
    check_root(root, 'a folder of shapes', LAYOUT)
    if ann_file is None and (root / LIST).is_file():
        ann_file = LIST
    entries = _listed(root / ann_file) if ann_file else _found(root)
    if not entries:
        raise DataError(f"'{root}' holds no shape, expected files of {', '.join(KINDS)}:\n{LAYOUT}")
    seen: dict[str, str] = {}
    for number, entry in enumerate(entries):
        if seen.get(entry.id, entry.path) != entry.path:  # a.obj beside a.ply
            suffix = Path(entry.path).suffix[1:]
            entry = entries[number] = entry._replace(id=f'{entry.id}-{suffix}')
        if entry.id in seen:
            raise DataError(
                f"'{entry.path}' and '{seen[entry.id]}' in '{root}' would both have the id "
                f"'{entry.id}', expected one each. Rename one of them."
            )
        seen[entry.id] = entry.path
    return entries


def shape_id(category: str, names: tuple[str, ...]) -> str:
    """The id of a shape: its category, and the rest of its path joined by '-'."""
    parts = [category, '-'.join(names)] if category else ['-'.join(names)]
    return '/'.join(re.sub(r'[^\w.-]', '_', part).lstrip('.') or '_' for part in parts)


def find_shape_files(root: Path) -> list[Path]:
    """The files of known kinds in a folder and those below it, sorted.

    Folders that are links are entered, once. Names that begin with a dot are passed over, and
    ``.bin`` files beside a ``.gltf``, which are its buffers.
    """
    paths, seen = [], set()
    for folder, folders, files in os.walk(root, followlinks=True):  # categories may be links
        folders[:] = [name for name in folders if not name.startswith('.')]
        if (place := os.path.realpath(folder)) in seen:  # a link back
            folders.clear()
            continue
        seen.add(place)
        kinds = {Path(name).suffix.lower() for name in files}
        known = set(KINDS) - ({'.bin'} if '.gltf' in kinds else set())  # there they are its buffers
        paths += [
            Path(folder, name)
            for name in files
            if not name.startswith('.') and Path(name).suffix.lower() in known
        ]
    return sorted(paths)


def _found(root: Path) -> list[ShapeEntry]:
    paths = [path.relative_to(root) for path in find_shape_files(root)]
    if any(len(path.parts) > 1 for path in paths):  # beside categories: lists, a readme
        paths = [path for path in paths if len(path.parts) > 1]
    entries = []
    for path in paths:
        *folders, _ = path.parts
        category, rest = (folders[0], folders[1:]) if folders else ('', [])
        entries.append(
            ShapeEntry(path.as_posix(), shape_id(category, (*rest, path.stem)), category)
        )
    return entries


def _listed(path: Path) -> list[ShapeEntry]:
    with (
        reading(path, 'the list of shapes', 'a CSV file with a column path', LAYOUT),
        open(path, encoding='utf-8-sig', newline='') as file,
    ):
        rows = csv.DictReader(file)
        if 'path' not in (rows.fieldnames or ()):
            raise DataError(
                f"'{path}' has the columns {rows.fieldnames}, expected 'path', and if known "
                f"'category', 'caption', 'split', 'id', 'up', named in its first line."
            )
        return list(_entries(rows, path))


def _entries(rows: csv.DictReader, source: Path) -> Iterator[ShapeEntry]:
    for row in rows:
        name, given, category, caption, split, up = (
            (row.get(key) or '').strip()
            for key in ('path', 'id', 'category', 'caption', 'split', 'up')
        )
        line = f"'{source}', line {rows.line_num},"
        for relative in filter(None, (name, given)):
            parts = PurePosixPath(relative).parts
            if '..' in parts or relative.startswith('/') or re.search(r'[\\:\0]', relative):
                raise DataError(
                    f'{line} names {relative[:80]!r}, expected a path below the folder of the '
                    f'list: nothing outside it is read. Correct the list.'
                )
        if not name or split not in ('', *SPLITS):
            raise DataError(
                f'{line} has the path {name[:80]!r} and the split {split[:80]!r}, expected a path '
                f'and one of {", ".join(SPLITS)} or nothing. Correct the list.'
            )
        if up not in ('', *AXES):
            raise DataError(
                f'{line} says of {name[:80]!r} that up is {up[:80]!r}, expected one of '
                f'{", ".join(AXES)} or nothing. Correct the list.'
            )
        names = PurePosixPath(name).with_suffix('').parts
        names = names[1:] if category and names[0] == category else names
        yield ShapeEntry(
            name, given or shape_id(category, names or ('_',)), category, caption, split, up
        )
