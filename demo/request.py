"""What a layout is asked to write, and the jobs it is cut into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import NamedTuple

import numpy as np

from demo.objects import DemoObject, make_object, seeded
from demo.taxonomy import recipe_of


class Counts(NamedTuple):
    """Shapes per category."""

    train: int
    test: int


@dataclass(frozen=True)
class Request:
    """One set to write.

    Attributes:
        folder: The set's folder, existing and empty.
        seed: With the names of the set, split and category and a number, decides each shape.
        counts: Shapes per category; None for the layout's default.
    """

    folder: Path
    seed: int
    counts: Counts | None = None


class ShapeJob(NamedTuple):
    """One shape to make.

    Attributes:
        folder: Where its files go.
        seed: The seed of the demo data.
        dataset: Name of the set: two sets share no shape.
        split: ``'train'`` or ``'test'``.
        name: The class, as the set calls it.
        index: Number of the shape in its class and split.
    """

    folder: Path
    seed: int
    dataset: str
    split: str
    name: str
    index: int

    @property
    def model_id(self) -> str:
        """32 hexadecimal digits, as ShapeNet's models have."""
        return md5(repr(self[1:]).encode()).hexdigest()

    def rng(self, purpose: str) -> np.random.Generator:
        """The random stream of this shape for one purpose."""
        return seeded(self.seed, self.dataset, self.split, self.name, self.index, purpose)

    def make(self) -> DemoObject:
        """The object itself."""
        return make_object(recipe_of(self.name), self.rng('shape'))


def shape_jobs(
    request: Request, dataset: str, names: Sequence[str], split: str, count: int
) -> list[ShapeJob]:
    """``count`` jobs for each class, class after class."""
    return [
        ShapeJob(request.folder, request.seed, dataset, split, name, index)
        for name in names
        for index in range(count)
    ]


def write_lines(path: Path, lines: Sequence[str]) -> None:
    """Writes a text file, one item per line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(''.join(f'{line}\n' for line in lines))


def write_table(path: Path, rows: np.ndarray, formats: Sequence[str], separator: str) -> None:
    """Writes numbers as text, all rows in one formatting: much faster than row by row.

    Args:
        path: The file.
        rows: (N, C).
        formats: One ``%`` format per column.
        separator: Between the columns.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    line = separator.join(formats) + '\n'
    # adding 0 changes -0.0 to 0.0
    path.write_text(line * len(rows) % tuple((rows + 0.0).ravel().tolist()))
