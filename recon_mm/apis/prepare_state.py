"""What a folder of prepared shapes is made from, and which of them are done."""

import csv
import io
import json
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from recon_mm.datasets.errors import DataError
from recon_mm.datasets.readers import reading
from recon_mm.datasets.shape_files import NUM_POINTS
from recon_mm.datasets.shape_lists import ShapeEntry
from recon_mm.datasets.storage import Shard
from recon_mm.utils.files import write_file

OPTIONS, JOURNALS = 'prepared.json', 'journal'


class Options(NamedTuple):
    """What the result depends on; a run with others is refused.

    Attributes:
        source: The folder of shapes.
        ann_file: The list of them, below it; ``None``: see :func:`list_shapes`.
        views: Pictures per shape, from directions spread around it.
        num_points: Points per shape.
        up: The axis that points up in the files, where the list does not say it.
        bin_columns: Numbers per point of ``.bin`` files.
        val: Share of the validation split, where the list does not say the split.
        test: Share of the test split.
        seed: Decides points, directions and splits.
    """

    source: str
    ann_file: str | None = None
    views: int = 4
    num_points: int = NUM_POINTS
    up: str = 'y'
    bin_columns: int = 4
    val: float = 0.15
    test: float = 0.0
    seed: int = 0


class Done(NamedTuple):
    """What became of a shape: the hash of its content, or why it was skipped."""

    id: str
    content: int = 0
    reason: str = ''


def check_options(out: Path, options: Options, entries: Sequence[ShapeEntry]) -> None:
    """Notes what a folder is prepared from; raises DataError if it was from something else.

    Files are compared by name and size: they may lie on another machine for another shard.
    """
    files = [Path(options.source, entry.path) for entry in entries]
    sizes = [file.stat().st_size if file.is_file() else -1 for file in files]
    named = [entry if entry.up else entry[:-1] for entry in entries]  # as before lists had it
    digest = zlib.crc32(json.dumps([named, sizes]).encode())
    wanted = {**options._asdict(), 'shapes': len(entries), 'fingerprint': f'{digest:08x}'}
    file = out / OPTIONS
    if file.is_file():
        found = _read_json(file)
        differ = [key for key in wanted if found.get(key) != wanted[key]]
        changed = [f'{key} {found.get(key)!r}, not {wanted[key]!r}' for key in differ]
        if differ:
            raise DataError(
                f"'{out}' was prepared with {'; '.join(changed)}. Give the same options and "
                f'shapes to go on with it, or write another folder.'
            )
    elif out.is_dir() and any(not path.name.startswith(OPTIONS) for path in out.iterdir()):
        raise DataError(f"'{out}' holds other files (no {OPTIONS}): name an empty folder or none.")
    else:  # other shards may begin now, too
        write_file(file, json.dumps(wanted, indent=1).encode())


def read_options(out: Path) -> Options:
    """The options that a folder was prepared with; raises DataError if there are none."""
    content = _read_json(out / OPTIONS)
    with reading(out / OPTIONS, 'the options', 'what the command wrote'):
        return Options(**{key: content[key] for key in Options._fields})


def _read_json(file: Path) -> dict[str, Any]:
    with reading(file, 'the options that shapes were prepared with', 'a JSON object'):
        content = json.loads(file.read_bytes())
        if not isinstance(content, dict):
            raise TypeError(f'it holds a {type(content).__name__}')
    return content


def read_journal(journal: Path) -> dict[str, Done]:
    """The shapes that are done; a line that was cut off by a kill is not."""
    found = {}
    if journal.is_file():
        for line in journal.read_text('utf-8').split('\n')[:-1]:
            with reading(journal, 'the journal', 'lines of id, hash and reason'):
                done = Done(*json.loads(line))
            found[done.id] = done
    return found


def read_journals(out: Path) -> dict[str, Done]:
    """The shapes that are done in any shard."""
    found: dict[str, Done] = {}
    for journal in sorted((out / JOURNALS).glob('*.jsonl')):
        found |= read_journal(journal)
    return found


def journal_of(out: Path, shard: Shard) -> Path:
    """Where a shard notes what is done."""
    return out / JOURNALS / f'{shard.index:04d}-of-{shard.count:04d}.jsonl'


def write_csv(file: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Writes a table with its header line."""
    text = io.StringIO(newline='')
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(header)
    writer.writerows(rows)
    write_file(file, text.getvalue().encode())
