"""Shapes as somebody has them to a folder that training reads: points, views, sentences, splits."""

import io
import json
import multiprocessing
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import cv2
import numpy as np

from recon_mm.datasets.errors import DataError
from recon_mm.datasets.rendering import render_cloud, render_mesh
from recon_mm.datasets.shape_files import draw_points, read_shape
from recon_mm.datasets.shape_lists import LIST, ShapeEntry, list_shapes
from recon_mm.datasets.shape_splits import content_hash, one_split_each, split_of
from recon_mm.datasets.storage import Shard
from recon_mm.models.teachers.shape_sentences import sentences_of
from recon_mm.utils.files import write_file
from recon_mm.utils.memory import keep_freed_memory

from .prepare_state import (
    Done,
    Options,
    check_options,
    journal_of,
    read_journal,
    read_journals,
    read_options,
    write_csv,
)
from .thumbnails import write_sheet

ALL = Shard(1, 1)
SENTENCES = 'sentences.json'  # {id: [sentence, ...]}
MOST_FACES = 500_000  # of a mesh that is drawn as such; of a larger one its points are
ELEVATIONS = (5, 40)  # degrees


def prepare_shapes(
    out: Path,
    options: Options,
    shard: Shard = ALL,
    workers: int = 1,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[int, int]:
    """Prepares the shapes of one shard; those that an earlier, killed run has finished are kept.

    Args:
        out: The folder to write.
        options: What to write.
        shard: Which part of the shapes.
        workers: Processes.
        progress: Called with the number of shapes done, and of all.

    Returns:
        How many shapes of the shard are prepared, and how many were skipped.

    Raises:
        DataError: If there is no shape, or the folder was written with other options.
    """
    entries = list_shapes(Path(options.source), options.ann_file)
    check_options(out, options, entries)
    mine = entries[shard.index - 1 :: shard.count]
    before = read_journals(out)  # of any number of shards
    finished = {entry.id: before[entry.id] for entry in mine if entry.id in before}
    todo = [entry for entry in mine if entry.id not in finished]
    progress(len(finished), len(mine))
    jobs = [(out, options, entry) for entry in todo]
    journal = journal_of(out, shard)
    # Written anew first: appended to a line that was cut off, the next would be lost with it.
    lines = [f'{json.dumps(done)}\n' for done in read_journal(journal).values()]
    write_file(journal, ''.join(lines).encode())
    with open(journal, 'a', encoding='utf-8') as file:
        for done in _map(jobs, workers):
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
    options = read_options(out)
    entries = list_shapes(Path(options.source), options.ann_file)
    finished = read_journals(out)
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
    write_csv(
        out / LIST,
        ('path', 'category', 'caption', 'split', 'id'),
        ((f'points/{e.id}.npy', e.category, e.caption, s, e.id) for e, s in zip(good, splits)),
    )
    write_csv(out / 'report.csv', ('path', 'status', 'reason'), report)
    sentences = {entry.id: sentences_of(entry.category, entry.caption) for entry in good}
    write_file(out / SENTENCES, json.dumps(sentences, indent=0, ensure_ascii=False).encode())
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
        shape = read_shape(path, entry.up or options.up, options.bin_columns)
        points, _ = draw_points(shape, options.num_points, seed, path)
        center = (shape.points.min(0) + shape.points.max(0)) / 2
        radius = np.linalg.norm(shape.points - center, axis=1).max()
        points = ((points - center) / radius).astype(np.float32)
        views = _views(shape.faces, (shape.points - center) / radius, points, options.views, seed)
    except DataError as error:
        return Done(entry.id, reason=str(error))
    for number, view in enumerate(views):
        encoded = cv2.imencode('.png', view[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 3])[1]
        write_file(out / 'views' / entry.id / f'{number}.png', encoded.tobytes())
    content = io.BytesIO()
    np.save(content, points)
    write_file(out / 'points' / f'{entry.id}.npy', content.getvalue())
    return Done(entry.id, content_hash(shape))


def _views(
    faces: np.ndarray | None, vertices: np.ndarray, points: np.ndarray, count: int, seed: int
) -> list[np.ndarray]:
    """Pictures from directions spread around the y axis, each a little at random."""
    generator = np.random.default_rng(seed)
    azimuth = 2 * np.pi * (np.arange(count) + generator.random(count)) / max(count, 1)
    elevation = np.radians(generator.uniform(*ELEVATIONS, count))
    if faces is None or len(faces) > MOST_FACES:
        points = min(vertices, points, key=len) if faces is None else points  # none twice
        return [render_cloud(points, a, e) for a, e in zip(azimuth, elevation)]
    return [render_mesh(vertices, faces, a, e) for a, e in zip(azimuth, elevation)]


def _map(jobs: Sequence[tuple[Path, Options, ShapeEntry]], workers: int) -> Iterator[Done]:
    """What became of each shape, in order."""
    if workers <= 1 or len(jobs) < 2:
        yield from map(_prepare, jobs)
        return
    context = multiprocessing.get_context('fork' if os.name == 'posix' else 'spawn')
    count = 0
    # Here, and not in the processes: those that are forked while OpenCV has threads would wait for
    # them for ever, and its threads in each of them would only wait for each other.
    cv2.setNumThreads(1)
    with ProcessPoolExecutor(workers, context, keep_freed_memory) as pool:
        try:
            for done in pool.map(_prepare, jobs, chunksize=4):
                count += 1
                yield done
        except BrokenProcessPool as error:
            raise DataError(
                f"a process was ended from outside, at '{jobs[count][2].path}' or soon after: most "
                f'often there was no memory left. Run the same command with fewer --workers; if it '
                f'ends again with one, take that file out.'
            ) from error
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
