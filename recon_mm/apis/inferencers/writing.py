"""Writes results as they come: JSON lines, one archive, or a folder of arrays."""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from recon_mm.visualization import ColoredCloud, save_rows

Result = dict[str, Any]
Draw = Callable[[Result], list[ColoredCloud]]


def open_writer(
    out: Path | None, pictures: Sequence[str] = (), draw: Draw | None = None
) -> 'ResultWriter':
    """The writer for a path: by its ending ``.jsonl``, ``.json`` or ``.npz``, else of a folder.

    Args:
        out: The path; ``None`` writes nothing.
        pictures: Endings of the pictures of each cloud: ``png``, ``html``, ``ply``.
        draw: Makes the row of colored clouds of a result.

    Raises:
        ValueError: If the ending is a different one, or pictures have no folder.
    """
    files = {'.jsonl': LinesWriter, '.json': JsonWriter, '.npz': ArchiveWriter}
    if pictures and (out is None or out.suffix in files):
        raise ValueError(f"pictures go into a folder, '{out}' is none: name one as --out")
    if out is None:
        return ResultWriter()
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix in files:
        return files[out.suffix](out)
    if out.suffix and not out.is_dir():
        raise ValueError(
            f"'{out}' ends in {out.suffix}, expected .jsonl, .json, .npz, or a folder's name"
        )
    return FolderWriter(out, pictures, draw)


class ResultWriter:
    """Takes results one by one, in a ``with``; this one writes nothing."""

    def __enter__(self) -> 'ResultWriter':
        return self

    def write(self, result: Result) -> None:
        """Writes one result."""

    def close(self) -> None:
        """Writes what needs all results."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # After an interruption what was computed is written, too.
        self.close()


class LinesWriter(ResultWriter):
    """One JSON object per line, each on disk as soon as it is computed."""

    def __init__(self, path: Path) -> None:
        self.file = open(path, 'w', encoding='utf-8')  # noqa: SIM115  # closed by close()

    def write(self, result: Result) -> None:
        """Adds a line."""
        self.file.write(json.dumps(_plain(result)) + '\n')
        self.file.flush()

    def close(self) -> None:
        """Closes the file."""
        self.file.close()


class JsonWriter(ResultWriter):
    """One JSON object: from the name of a cloud to its result."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.results: dict[str, Result] = {}

    def write(self, result: Result) -> None:
        """Keeps a result."""
        rest = _plain(result)
        self.results[rest.pop('name')] = rest

    def close(self) -> None:
        """Writes the file."""
        self.path.write_text(json.dumps(self.results, indent=1) + '\n')


class ArchiveWriter(ResultWriter):
    """One ``.npz`` of ``names`` ``(S,)`` and each array of the results, stacked, ``(S, ...)``.

    Clouds that failed are left out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.names: list[str] = []
        self.arrays: dict[str, list[np.ndarray]] = {}

    def write(self, result: Result) -> None:
        """Keeps the arrays of a result.

        Raises:
            ValueError: If it has none, or they differ in shape from those before.
        """
        if 'error' in result:
            return
        arrays = {name: value for name, value in result.items() if isinstance(value, np.ndarray)}
        if not arrays:
            raise ValueError('these results have no arrays for an .npz file: use .jsonl')
        for name, value in arrays.items():
            kept = self.arrays.setdefault(name, [])
            if kept and kept[0].shape != value.shape:
                raise ValueError(
                    f"'{name}' of {result['name']} is {value.shape}, before it {kept[0].shape}: "
                    'one .npz file holds arrays of one shape, write to a folder'
                )
            kept.append(value)
        self.names.append(result['name'])

    def close(self) -> None:
        """Writes the file."""
        stacked: dict[str, Any] = {name: np.stack(rows) for name, rows in self.arrays.items()}
        stacked['names'] = np.array(self.names)
        np.savez(self.path, **stacked)


class FolderWriter(LinesWriter):
    """A folder: ``results.jsonl``, and of each cloud an ``.npz`` of its arrays, and pictures."""

    def __init__(
        self, folder: Path, pictures: Sequence[str] = (), draw: Draw | None = None
    ) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder / 'results.jsonl')
        self.folder = folder
        self.pictures = pictures
        self.draw = draw
        self.used: set[str] = set()

    def write(self, result: Result) -> None:
        """Writes arrays and pictures, then the line, whose ``file`` says where the arrays are."""
        arrays: dict[str, Any] = {
            name: value for name, value in result.items() if isinstance(value, np.ndarray)
        }
        rest = {name: value for name, value in result.items() if name not in arrays}
        if 'error' not in result:
            stem = self.free_name(result['name'])
            if arrays:
                rest['file'] = f'{stem}.npz'
                np.savez(self.folder / rest['file'], **arrays)
            row = self.draw(result) if self.draw and self.pictures else []
            for kind in self.pictures:
                save_rows([row], self.folder / f'{stem}.{kind}')
        super().write(rest)

    def free_name(self, name: str) -> str:
        """A name for files about a cloud, that no cloud before it has."""
        stem = re.sub(r'[^\w.-]+', '_', Path(name).stem) or 'cloud'
        free, number = stem, 2
        while free in self.used:
            free, number = f'{stem}_{number}', number + 1
        self.used.add(free)
        return free


def _plain(result: Result) -> Result:
    """A result in what JSON knows."""
    plain = dict(result)
    for name, value in result.items():
        with suppress(AttributeError):
            plain[name] = value.tolist()
    return plain
