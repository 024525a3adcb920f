"""Reads files of every kind; whatever their bytes are, the only error is a DataError."""

import json
import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import torch

from recon_mm.utils import require
from recon_mm.utils.safe_pickle import load_pickle, loads_pickle

from .checks import check_file, check_points
from .errors import DataError

MAX_PIXELS = 64 * 2**20
MAX_RATIO = 100  # of the size of an HDF5 array to that of its file: compressed clouds have 2
IMAGE_FORMATS = ('PNG', 'JPEG')


@contextmanager
def reading(path: Path, what: str, expected: str, layout: str | None = None) -> Iterator[None]:
    """Whatever goes wrong inside, while a file is read, becomes a DataError that names it.

    Args:
        path: The file.
        what: What it is, for the message if it is missing.
        expected: What it should hold, for the message if it cannot be read.
        layout: The expected files, for the message.

    Raises:
        DataError: If the file is missing, or anything but a DataError is raised inside.
    """
    check_file(path, what, layout)
    try:
        yield
    except DataError:
        raise
    # Damaged bytes lead numpy, h5py, trimesh and json into errors that they do not document
    # (TokenError, BadZipFile, MemoryError, RecursionError...): a list of types is never complete.
    except Exception as error:
        reason = f'{type(error).__name__}: {error}'[:300]
        raise DataError(
            f"'{path}' cannot be read ({path.stat().st_size} bytes; {reason}), expected "
            f'{expected}. It is truncated, damaged or another file: copy it again.'
        ) from error


def read_npy(path: Path | str) -> np.ndarray:
    """Reads a ``.npy`` file; pickled objects in it are refused.

    Raises:
        DataError: If the file is missing, or not of the size that its header says.
    """
    path = Path(path)
    with (
        reading(path, 'the points of one shape', 'a complete .npy file of an (N, 3) array'),
        open(path, 'rb') as file,
    ):
        content = bytearray(os.fstat(file.fileno()).st_size)
        file.readinto(content)
        return parse_npy(content)


def parse_npy(content: bytearray) -> np.ndarray:
    """The array of a ``.npy`` file's bytes.

    Raises:
        ValueError: If they are not as many as the header says, or hold objects.
    """
    start = 10 + int.from_bytes(content[8:10], 'little')
    shape, fortran_order, dtype = _npy_header(bytes(content[:start]))
    said, found = math.prod(shape) * dtype.itemsize, len(content) - start
    if said != found:
        raise ValueError(f'{dtype} {shape} are {said} bytes, and {found} are there')
    array = np.frombuffer(content, dtype, offset=start)  # refuses objects
    return array.reshape(shape, order='F' if fortran_order else 'C')


def read_npy_objects(path: Path, what: str, layout: str | None = None) -> Any:
    """Reads a ``.npy`` file of Python objects (dictionaries of arrays), any code in it refused.

    Returns:
        The object of a file that holds one, else a list of them.

    Raises:
        DataError: If the file is missing, damaged or names code to run.
    """
    with reading(path, what, f'a .npy file of a dictionary of arrays ({what})', layout):
        file = BytesIO(path.read_bytes())
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError('not version 1.0 of the format')
        _, _, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.kind != 'O':
            raise ValueError(f'it holds {dtype}, not objects')
        return loads_pickle(file.read(), path).tolist()


def read_tensor(path: Path, what: str) -> np.ndarray:
    """Reads a file of one tensor that ``torch.save`` wrote, float32; any code in it refused.

    Raises:
        DataError: If the file is missing, damaged or holds something else.
    """
    with reading(path, what, f'a tensor ({what})'):
        return torch.load(path, map_location='cpu', weights_only=True).float().numpy()


def h5_array(path: Path, file: Any, key: str, link: Any) -> Any:
    """A data set of an open HDF5 file that lies in it, of a size that the file can have."""
    h5py = require('h5py', 'data')
    if not isinstance(link, h5py.HardLink):  # before it is followed
        raise DataError(
            f"'{path}' holds '{key}' as {type(link).__name__}, expected numbers: links are not "
            f'followed, they can lead to any other file. Write the numbers into this file.'
        )
    dataset = file[key]
    if not isinstance(dataset, h5py.Dataset) or dataset.is_virtual or dataset.external:
        raise DataError(
            f"'{path}' holds '{key}' as a group or as numbers of other files, expected numbers in "
            f'this file: others are not opened. Write them into it.'
        )
    if dataset.dtype.kind not in 'fiu' or dataset.nbytes > MAX_RATIO * path.stat().st_size:
        raise DataError(
            f"'{path}' holds '{key}' as {dataset.dtype} {dataset.shape} in a file of "
            f'{path.stat().st_size} bytes, expected numbers that fit into it. Copy it again.'
        )
    return dataset


@lru_cache(maxsize=16)  # numpy parses it as Python, which takes longer than to read the points
def _npy_header(content: bytes) -> tuple[tuple[int, ...], bool, np.dtype]:
    file = BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):  # later ones are for tables with named columns
        raise ValueError('not version 1.0 of the format')
    return np.lib.format.read_array_header_1_0(file)


def read_table(path: Path, delimiter: str | None, columns: Sequence[int]) -> np.ndarray:
    """Reads a text file of numbers, float32 ``(N, C)``.

    Args:
        path: The file.
        delimiter: What separates the numbers; None for blanks.
        columns: The numbers of columns C that are accepted.

    Raises:
        DataError: If the file is not such a table; names the file and, where known, the line.
    """
    wanted = f'lines of {" or ".join(str(c) for c in columns)} numbers'
    # As an open file: of a path numpy would unpack what is compressed, however large.
    with reading(path, 'a table of points', wanted), open(path, encoding='utf-8') as file:
        table = np.loadtxt(file, delimiter=delimiter, ndmin=2)
    return check_points(table, path, columns=columns)


def read_lines(path: Path, what: str, layout: str | None = None) -> list[str]:
    """Reads the non-empty lines of a text file.

    Raises:
        DataError: If the file is missing, no text or has no such line.
    """
    with reading(path, what, 'one name per line', layout):
        lines = [line.strip() for line in path.read_text('utf-8').splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        raise DataError(f"'{path}' ({what}) is empty, expected one name per line.")
    return lines


def read_json(path: Path, what: str, layout: str | None = None) -> Any:
    """Reads a JSON file.

    Raises:
        DataError: If the file is missing or no JSON.
    """
    with reading(path, what, 'JSON', layout):
        return json.loads(path.read_bytes())


def read_pickle(path: Path, what: str, layout: str | None = None) -> Any:
    """Reads a pickle of arrays and containers; any other is refused.

    Raises:
        DataError: If the file is missing, truncated, or names code to run.
    """
    with reading(path, what, f'a pickle of arrays ({what})', layout):
        return load_pickle(path)


def read_image(path: Path, what: str) -> np.ndarray:
    """Reads a PNG or JPEG file, uint8 RGB ``(H, W, 3)``.

    Raises:
        DataError: If the file is missing, no complete image or of more than 64 megapixels.
    """
    import cv2  # mmcv needs it too
    from PIL import Image

    with reading(path, what, f'a complete image ({" or ".join(IMAGE_FORMATS)})'):
        with Image.open(path, formats=IMAGE_FORMATS) as header:  # decodes nothing
            width, height = header.size
            if width * height > MAX_PIXELS:
                raise ValueError(f'{width} x {height} pixels, at most {MAX_PIXELS} are read')
            header.verify()  # the checksums of a PNG; damaged pixels would be decoded
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            raise ValueError('it cannot be decoded')
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
