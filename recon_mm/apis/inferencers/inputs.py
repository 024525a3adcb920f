"""What an inferencer takes: paths, folders, arrays, tensors, meshes, and collections of them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from torch import Tensor

from recon_mm.datasets.checks import check_points
from recon_mm.datasets.errors import DataError
from recon_mm.datasets.shape_files import KINDS, NUM_POINTS, Shape, draw_points
from recon_mm.datasets.shape_lists import find_shape_files

from ..clouds import load_cloud

READERS = 4  # threads that read files while the model computes
Item = TypeVar('Item')
Result = TypeVar('Result')


class Source(NamedTuple):
    """One cloud to come: what it is called in the results, and where it is."""

    name: str
    content: Any


def list_sources(inputs: Any, number: Iterator[int] | None = None) -> Iterator[Source]:
    """Finds the clouds in an input; nothing is read yet.

    Args:
        inputs: A path; a folder, of which all files of known kinds are taken, in the order of
            their names; an array or tensor ``(N, 3 or more)`` or ``(B, N, 3 or more)``; a mesh or
            point cloud of trimesh; or an iterable of any of these.
        number: Counts the clouds that have no name.

    Raises:
        DataError: If a folder holds no file of a known kind.
        TypeError: If it is anything else.
    """
    number = count() if number is None else number
    if isinstance(inputs, Source):
        yield inputs
    elif isinstance(inputs, (str, Path)):
        yield from _list_path(Path(inputs))
    elif hasattr(inputs, 'vertices'):
        yield Source(f'mesh {next(number)}', inputs)
    elif isinstance(inputs, (np.ndarray, Tensor)):
        for cloud in inputs if inputs.ndim == 3 else (inputs,):
            yield Source(f'cloud {next(number)}', cloud)
    elif isinstance(inputs, Iterable):
        for each in inputs:
            yield from list_sources(each, number)
    else:
        raise TypeError(
            f'{type(inputs).__name__} is no cloud, expected a path, a folder, an array, a tensor, '
            'a mesh, or an iterable of these'
        )


def _list_path(path: Path) -> Iterator[Source]:
    if not path.is_dir():
        yield Source(str(path), path)
        return
    files = find_shape_files(path)
    if not files:
        raise DataError(
            f"the folder '{path}' holds no point cloud, expected files of {', '.join(KINDS)}."
        )
    for file in files:
        yield Source(str(file), file)


def read_source(source: Source, min_points: int) -> np.ndarray:
    """Reads one cloud, float32 ``(N, 3)``.

    Raises:
        DataError: If it is missing, damaged or no cloud of at least ``min_points`` points.
    """
    content = source.content
    if isinstance(content, Path):
        points = load_cloud(content)
    elif hasattr(content, 'vertices'):
        points = _mesh_points(content, source.name)
    else:
        points = content.detach().cpu().numpy() if isinstance(content, Tensor) else content
    if points.ndim == 2 and points.shape[1] > 3:
        points = points[:, :3]
    return check_points(points, source.name, min_points)


def _mesh_points(mesh: Any, name: str) -> np.ndarray:
    """Points of a mesh of trimesh: from its surface, or its vertices where it has none."""
    points = np.asarray(mesh.vertices, np.float64)
    if not len(faces := np.asarray(getattr(mesh, 'faces', ()))):
        return points
    return draw_points(Shape(points, faces), NUM_POINTS, 0, name)[0]


def read_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], depth: int
) -> Iterator[Result]:
    """``map(function, items)`` in threads, at most ``depth`` results ahead of their use."""
    pool = ThreadPoolExecutor(READERS)
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > depth:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
