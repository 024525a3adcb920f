"""Shapes as somebody has them to a folder that training reads: points, views, sentences, splits."""

import csv
import io
import json
import multiprocessing
import os
import zlib
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np

from recon_mm.datasets.errors import DataError
from recon_mm.datasets.readers import reading
from recon_mm.datasets.rendering import render_cloud, render_mesh
from recon_mm.datasets.shape_files import NUM_POINTS, draw_points, read_shape
from recon_mm.datasets.shape_lists import LIST, ShapeEntry, list_shapes
from recon_mm.datasets.shape_splits import content_hash, one_split_each, split_of
from recon_mm.utils.memory import keep_freed_memory

from .shape_sentences import sentences_of
from .thumbnails import write_sheet

OPTIONS, JOURNALS = 'prepared.json', 'journal'
MOST_FACES = 500_000  # of a mesh that is drawn as such; of a larger one its points are
ELEVATIONS = (5, 40)  # degrees


class Options(NamedTuple):
    """What the result depends on; a run with others is refused.

    Attributes:
        source: The folder of shapes.
        ann_file: The list of them, below it; ``None``: see :func:`list_shapes`.
        views: Pictures per shape, from directions spread around it.
        num_points: Points per shape.
        up: The axis that points up in the files.
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


def prepare_shapes(
    out: Path,
    options: Options,
    shard: tuple[int, int] = (1, 1),
    workers: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[int, int]:
    """Prepares the shapes of one shard; those that an earlier, killed run has finished are kept.

    Args:
        out: The folder to write.
        options: What to write.
        shard: Which part of the shapes, of how many: ``(3, 16)`` is the third of sixteen.
        workers: Processes.
        progress: Called with the number of shapes done, and of all.

    Returns:
        How many shapes of the shard are prepared, and how many were skipped.

    Raises:
        DataError: If there is no shape, or the folder was written with other options.
    """
    entries = list_shapes(Path(options.source), options.ann_file)
    _check_options(out, options, entries)
    mine = entries[shard[0] - 1 :: shard[1]]
    journal = out / JOURNALS / f'{shard[0]:04d}-of-{shard[1]:04d}.jsonl'
    finished = _read_journal(journal)
    todo = [entry for entry in mine if entry.id not in finished]
    progress(len(mine) - len(todo), len(mine))
    jobs = [(out, options, entry) for entry in todo]
    # Written anew first: appended to a line that was cut off, the next would be lost with it.
    _write(journal, ''.join(f'{json.dumps(done)}\n' for done in finished.values()).encode())
    with open(journal, 'a', encoding='utf-8') as file:
        for done in _map(_prepare, jobs, workers):
            finished[done.id] = done
            file.write(f'{json.dumps(done)}\n')
            file.flush()
            progress(len(finished), len(mine))
    skipped = sum(1 for done in finished.values() if done.reason)
    return len(finished) - skipped, skipped


def join_shapes(out: Path) -> tuple[int, list[tuple[str, str, str]]]:
    """Writes the list, the sentences, the report and the sheet of all that was prepared.

    Args:
        out: The folder that :func:`prepare_shapes` filled, in one shard or in many.

    Returns:
        The number of shapes prepared, and the report: path, ``'skipped'`` or ``'duplicate'``, why.

    Raises:
        DataError: If shards are missing, or nothing was prepared.
    """
    options = _read_options(out)
    entries = list_shapes(Path(options.source), options.ann_file)
    finished: dict[str, Done] = {}
    for journal in sorted((out / JOURNALS).glob('*.jsonl')):
        finished |= _read_journal(journal)
    left = [entry.path for entry in entries if entry.id not in finished]
    if left:
        raise DataError(
            f"'{out}' lacks {len(left)} of {len(entries)} shapes, '{left[0]}' first: run the "
            f'shards that are missing (each its own, by the same command), then join them again.'
        )
    good = [entry for entry in entries if not finished[entry.id].reason]
    report = [(e.path, 'skipped', r) for e in entries if (r := finished[e.id].reason)]
    if not good:
        raise DataError(
            f"none of the {len(entries)} shapes in '{options.source}' can be read; the first: "
            f'{report[0][2]}'
        )
    contents = [finished[entry.id].content for entry in good]
    drawn = (split_of(c, options.val, options.test, options.seed) for c in contents)
    splits = one_split_each(contents, (e.split or d for e, d in zip(good, drawn)))
    first: dict[int, str] = {}
    for entry, content in zip(good, contents):
        if (same := first.setdefault(content, entry.path)) != entry.path:
            report.append((entry.path, 'duplicate', f'of {same}; both are in one split'))
    _write_csv(
        out / LIST,
        ('path', 'category', 'caption', 'split', 'id'),
        ((f'points/{e.id}.npy', e.category, e.caption, s, e.id) for e, s in zip(good, splits)),
    )
    _write_csv(out / 'report.csv', ('path', 'status', 'reason'), report)
    sentences = {entry.id: sentences_of(entry.category, entry.caption) for entry in good}
    _write(out / 'sentences.json', json.dumps(sentences, indent=0, ensure_ascii=False).encode())
    if options.views:
        chosen = good[:: max(1, len(good) // 120)][:120]
        pictures = [(out / 'views' / e.id / '0.png', e.category or e.id) for e in chosen]
        write_sheet(out / 'thumbnails.png', pictures)
    return len(good), report


def _prepare(job: tuple[Path, Options, ShapeEntry]) -> Done:
    """Writes points and views of one shape; the points last, since they mean that all is there."""
    out, options, entry = job
    path = Path(options.source, entry.path)
    seed = zlib.crc32(f'{options.seed} {entry.id}'.encode())
    try:
        shape = read_shape(path, options.up, options.bin_columns)
        points, _ = draw_points(shape, options.num_points, seed, path)
        center = (shape.points.min(0) + shape.points.max(0)) / 2
        radius = np.linalg.norm(shape.points - center, axis=1).max()
        points = ((points - center) / radius).astype(np.float32)
        views = _views(shape.faces, (shape.points - center) / radius, points, options.views, seed)
    except DataError as error:
        return Done(entry.id, reason=str(error))
    for number, view in enumerate(views):
        encoded = cv2.imencode('.png', view[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 3])[1]
        _write(out / 'views' / entry.id / f'{number}.png', encoded.tobytes())
    _write(out / 'points' / f'{entry.id}.npy', _npy(points))
    return Done(entry.id, content_hash(shape))


def _views(
    faces: np.ndarray | None, vertices: np.ndarray, points: np.ndarray, count: int, seed: int
) -> list[np.ndarray]:
    """Pictures from directions spread around the y axis, each a little at random."""
    generator = np.random.default_rng(seed)
    azimuth = 2 * np.pi * (np.arange(count) + generator.random(count)) / max(count, 1)
    elevation = np.radians(generator.uniform(*ELEVATIONS, count))
    if faces is None or len(faces) > MOST_FACES:
        return [render_cloud(points, a, e) for a, e in zip(azimuth, elevation)]
    return [render_mesh(vertices, faces, a, e) for a, e in zip(azimuth, elevation)]


def _map(function: Callable, jobs: Sequence[Any], workers: int) -> Iterable[Any]:
    if workers <= 1 or len(jobs) < 2:
        yield from map(function, jobs)
        return
    context = multiprocessing.get_context('fork' if os.name == 'posix' else 'spawn')
    with ProcessPoolExecutor(workers, context, _start) as pool:
        try:
            yield from pool.map(function, jobs, chunksize=4)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _start() -> None:
    """Prepares a process: OpenCV's threads would wait for each other."""
    cv2.setNumThreads(1)
    keep_freed_memory()


def _check_options(out: Path, options: Options, entries: Sequence[ShapeEntry]) -> None:
    """Notes what a folder is prepared from; raises DataError if it was from something else."""
    digest = zlib.crc32(json.dumps(entries).encode())
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
    elif out.is_dir() and any(out.iterdir()):
        raise DataError(f"'{out}' holds other files (no {OPTIONS}): name an empty folder or none.")
    (out / JOURNALS).mkdir(parents=True, exist_ok=True)
    _write(file, json.dumps(wanted, indent=1).encode())


def _read_options(out: Path) -> Options:
    content = _read_json(out / OPTIONS)
    with reading(out / OPTIONS, 'the options', 'what the command wrote'):
        return Options(**{key: content[key] for key in Options._fields})


def _read_json(file: Path) -> dict[str, Any]:
    with reading(file, 'the options that shapes were prepared with', 'a JSON object'):
        content = json.loads(file.read_bytes())
        if not isinstance(content, dict):
            raise TypeError(f'it holds a {type(content).__name__}')
    return content


def _read_journal(journal: Path) -> dict[str, Done]:
    """The shapes that are done; a line that was cut off by a kill is not."""
    found = {}
    if journal.is_file():
        for line in journal.read_text('utf-8').split('\n')[:-1]:
            with reading(journal, 'the journal', 'lines of id, hash and reason'):
                done = Done(*json.loads(line))
            found[done.id] = done
    return found


def _npy(array: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def _write(file: Path, content: bytes) -> None:
    """Writes a file that is there as a whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f'{file.name}.{os.getpid()}.partial')
    partial.write_bytes(content)
    os.replace(partial, file)


def _write_csv(file: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    text = io.StringIO(newline='')
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(header)
    writer.writerows(rows)
    _write(file, text.getvalue().encode())
