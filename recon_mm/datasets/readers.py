"""Reads files of every kind; whatever their bytes are, the only error is a DataError."""

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.utils.safe_pickle import load_pickle

from .checks import check_file, check_points
from .errors import DataError

MAX_PIXELS = 64 * 2**20
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
        version = '{}_{}'.format(*np.lib.format.read_magic(file))
        read_header = getattr(np.lib.format, f'read_array_header_{version}')  # 1_0 or 2_0
        shape, fortran_order, dtype = read_header(file)
        said, found = math.prod(shape) * dtype.itemsize, path.stat().st_size - file.tell()
        if said != found or dtype.kind in 'OV':  # before so much is allocated
            raise ValueError(f'{dtype} {shape} are {said} bytes, and {found} are there')
        array = np.fromfile(file, dtype)
        return array.reshape(shape, order='F' if fortran_order else 'C')


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
