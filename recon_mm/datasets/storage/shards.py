"""A store in parts, for the tasks of a job array: each makes some rows, one command joins them."""

import math
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import DataError
from .header import ArraySpec, Header, Kind, check_expected
from .store import ArrayStore, open_store
from .writer import resume_store

_BLOCK = 4096  # rows copied at a time


class Shard(NamedTuple):
    """One of ``count`` parts, counted from 1."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> 'Shard':
        """Reads ``'3/16'``; raises ValueError if it is anything else."""
        match = re.fullmatch(r'(\d+)/(\d+)', text)
        shard = cls(*map(int, match.groups())) if match else cls(0, 0)
        if not 1 <= shard.index <= shard.count:
            raise ValueError(f"'{text}' is no part, expected e.g. 3/16: the third of 16")
        return shard

    def rows(self, total: int) -> range:
        """The rows of this part."""
        return range(total * (self.index - 1) // self.count, total * self.index // self.count)

    def folder(self, whole: Path) -> Path:
        """Where this part of the store ``whole`` is written."""
        return Path(f'{whole}.shard-{self.index}-of-{self.count}')


def join_shards(folder: Path, kind: Kind) -> None:
    """Joins the parts beside ``folder``, then removes them.

    Raises:
        DataError: If parts are missing, incomplete, or were not made from the same.
    """
    stores = _open_parts(folder, kind)
    headers = [store.header for store in stores]
    (name,) = kind.arrays
    specs = [header.arrays[name] for header in headers]
    rows = sum(spec.shape[0] for spec in specs)
    whole = {name: ArraySpec((rows, *specs[0].shape[1:]), specs[0].dtype)}
    ids = [sample_id for header in headers for sample_id in header.sample_ids]
    header = Header(kind.name, whole, headers[0].made_from, ids)
    with resume_store(folder, kind, header, 1) as writer:
        start = 0
        for store in stores:
            array = store[name]
            for row in range(0, len(array), _BLOCK):
                block = array[row : row + _BLOCK]
                index = start + row + np.arange(len(block))
                if not writer.finished[index].all():
                    writer.write(index, block)
            start += len(array)
    for store in stores:
        shutil.rmtree(store.path)
        Path(f'{store.path}.lock').unlink(missing_ok=True)


def _open_parts(folder: Path, kind: Kind) -> list[ArrayStore]:
    pattern = re.compile(re.escape(folder.name) + r'\.shard-(\d+)-of-(\d+)(\.partial)?')
    names = [path.name for path in folder.parent.glob('*')] if folder.parent.is_dir() else []
    found = [Shard(int(m[1]), int(m[2])) for m in map(pattern.fullmatch, names) if m]
    counts = sorted({shard.count for shard in found})
    if len(counts) != 1:
        text = f'parts of divisions by {counts}' if counts else 'no part'
        raise DataError(
            f"'{folder}.shard-*' is {text}, expected all parts of one division: run the command "
            'with --shard 1/N to N/N first, and remove what is left of another division.'
        )
    parts = [Shard(index, counts[0]) for index in range(1, counts[0] + 1)]
    if missing := [f'{p.index}/{p.count}' for p in parts if p not in found]:
        raise DataError(
            f"'{folder}' lacks {len(missing)} of {len(parts)} parts ({', '.join(missing[:5])}): "
            'run the command with --shard for each of them.'
        )
    stores = [open_store(part.folder(folder), kind) for part in parts]
    (name,) = kind.arrays
    first = stores[0].header
    for store in stores[1:]:
        check_expected(store.path, store.header.made_from, first.made_from, kind.advice)
        check_expected(
            store.path, store.header.arrays[name].shape[1:], first.arrays[name].shape[1:], ''
        )
    ids = [sample_id for store in stores for sample_id in store.header.sample_ids]
    if len(set(ids)) != len(ids) or math.prod(first.arrays[name].shape[1:]) == 0:
        raise DataError(f"the parts of '{folder}' hold samples twice: compute them again.")
    return stores
