"""Clouds in files that are tables: text, arrays, and what scanners write.

A reader takes the path and whether labels are wanted, and gives the points ``(N, 3 or more)`` and
their labels ``(N,)`` or ``None``. It raises whatever it likes: it is called inside ``reading``.
"""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from recon_mm.utils import require

from .readers import h5_array, parse_npy, read_npy, reading
from .shape_scans import read_las, read_pcd

LARGEST_ARRAY = 2**31  # bytes that are unpacked
HEADER_LINES = 50
KEYS = ('points', 'xyz', 'pos', 'vertices')  # of an array of points in an .npz file
LABELS = ('label', 'labels', 'part', 'parts')

Table = tuple[np.ndarray, np.ndarray | None]


def read_labels(path: Path) -> np.ndarray:
    """A text file of one label per line, ``(N,)``.

    Raises:
        DataError: If it is not that.
    """
    with reading(path, 'the labels of a shape', 'one whole number per line'):
        return _text(path, False, least=1)[0][:, 0]


def _text(path: Path, with_labels: bool, least: int = 3) -> Table:
    lines = [line for line in path.read_text('utf-8-sig').splitlines() if line.strip()]
    start, columns, names = _header(lines, least)
    used = [names.index(axis) for axis in 'xyz'] if set('xyz') <= set(names) else range(least)
    wanted = list(used)
    if with_labels:
        named = [names.index(name) for name in LABELS if name in names]
        wanted.append(named[0] if named else columns - 1)
        if wanted[-1] in used:
            raise ValueError(f'{columns} columns, expected labels in the last, after x y z')
    rows = (' '.join(_cells(line)) for line in lines[start:])
    table = np.loadtxt(rows, usecols=wanted, comments=('#', '//'), ndmin=2)
    return table[:, :least], table[:, least] if with_labels else None


def _header(lines: list[str], least: int) -> tuple[int, int, list[str]]:
    """The first line of numbers, how many it has, and the names of columns in a line before."""
    names: list[str] = []
    for index, line in enumerate(lines[:HEADER_LINES]):
        cells = _cells(line)
        if len(cells) >= least and all(map(_is_number, cells[:least])):
            return index, len(cells), names if len(names) == len(cells) else []
        cells = _cells(line.lstrip('#/ \t'))
        names = [cell.strip('"\'').lower() for cell in cells]
    raise ValueError(f'no line of {least} numbers in its first {HEADER_LINES} lines')


def _cells(line: str) -> list[str]:
    """The cells of a line; beside a semicolon a comma is a decimal comma."""
    if ';' in line:
        line = line.replace(',', '.').replace(';', ' ')
    return line.replace(',', ' ').split()


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _last_column(array: np.ndarray, with_labels: bool) -> Table:
    if not with_labels:
        return array, None
    if array.ndim != 2 or array.shape[1] < 4:
        raise ValueError(f'an array {array.shape}, expected labels in the last column after x y z')
    return array[:, :3], array[:, -1]


def _npy(path: Path, with_labels: bool) -> Table:
    return _last_column(read_npy(path), with_labels)


def _npz(path: Path, with_labels: bool) -> Table:
    with zipfile.ZipFile(path) as archive:
        sizes = {item.filename: item.file_size for item in archive.infolist()}
        if sum(sizes.values()) > LARGEST_ARRAY:
            raise ValueError(f'{sum(sizes.values())} bytes unpacked, at most {LARGEST_ARRAY}')
        names = [name.removesuffix('.npy') for name in sizes]

        def array(name: str) -> np.ndarray:
            return parse_npy(bytearray(archive.read(f'{name}.npy')))

        found = [key for key in KEYS if key in names] or [n for n in names if n not in LABELS]
        if len(found) != 1:
            raise ValueError(f"arrays {names}, expected one named 'points', or only one")
        labels = [name for name in LABELS if name in names]
        if with_labels and labels:
            return array(found[0]), array(labels[0]).reshape(-1)
        return _last_column(array(found[0]), with_labels)


def _h5(path: Path, with_labels: bool) -> Table:
    with require('h5py', 'data').File(path, 'r') as file:
        link = file.get('data', getlink=True)
        return _last_column(h5_array(path, file, 'data', link)[()], with_labels)


def _bin(path: Path, columns: int) -> Table:
    if path.stat().st_size % (4 * columns):
        raise ValueError(f'no whole rows of {columns} float32: name their number by bin_columns')
    return np.fromfile(path, '<f4').reshape(-1, columns), None


TABLES: dict[str, Callable[..., Table]] = {
    **dict.fromkeys(('.txt', '.xyz', '.pts', '.csv'), _text),
    '.npy': _npy,
    '.npz': _npz,
    '.h5': _h5,
    '.bin': _bin,
    '.pcd': read_pcd,
    '.las': read_las,
    '.laz': read_las,
}
