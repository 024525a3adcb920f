"""Writes what :mod:`recon_mm.datasets.packed` reads."""

import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from filelock import FileLock

from .checks import check_points, read_npy
from .errors import DataError
from .packed import FORMAT, PackedClouds, meta_path

CHUNK = 256  # clouds read together and made safe on the disk together, 25 MB
LISTED = 50  # bad files named in one error

Progress = Callable[[str, int], None]


class CloudPacker:
    """Copies clouds from files of their own into one file, and can be killed at any moment.

    Rows are only ever appended to ``<name>.npy.partial``, so its length says how far an
    interrupted run came; the next run goes on from there. The file gets its name when every cloud
    has been compared with its source.

    Args:
        out: The ``.npy`` file to write.
        files: The source files, ``(points, 3)`` each, all with the same number of points.
        workers: Threads that read.
        progress: Called with what is done (``'pack'`` or ``'compare'``) and for how many clouds.

    Raises:
        DataError: If there is no file to pack, the disk lacks the space, or ``out`` exists with
            other clouds.
    """

    def __init__(
        self, out: Path, files: Sequence[Path], workers: int = 8, progress: Progress | None = None
    ) -> None:
        if not files:
            raise DataError('no shapes to pack: the lists are empty')
        self.out, self.files, self.workers = Path(out), list(files), workers
        self.progress = progress or (lambda stage, count: None)
        self.partial = Path(f'{self.out}.partial')
        self.partial_meta = Path(f'{meta_path(self.out)}.partial')

    def run(self) -> bool:
        """Packs and compares; or, if the file is there, only compares.

        Returns:
            Whether the file was packed now.

        Raises:
            DataError: If source files are bad (all are named), do not fit each other, or differ
                from the packed clouds.
        """
        self.out.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f'{self.out}.lock'):
            if self.out.exists():
                self._compare_existing()
                return False
            meta = self._meta()
            header = _header((len(self.files), meta['num_points'], 3))
            done = self._start(meta, header)
            self._append(done, meta['num_points'])
            self._compare(np.memmap(self.partial, np.float32, 'r', len(header), self._shape(meta)))
            os.replace(self.partial_meta, meta_path(self.out))
            os.replace(self.partial, self.out)
            return True

    def _meta(self) -> dict:
        first = _read(self.files[0])
        sample_ids = [file.stem for file in self.files]
        return {'format': FORMAT, 'num_points': len(first), 'sample_ids': sample_ids}

    def _shape(self, meta: dict) -> tuple[int, int, int]:
        return len(self.files), meta['num_points'], 3

    def _start(self, meta: dict, header: bytes) -> int:
        """Makes the partial file ready to be appended to; returns how many rows it has."""
        content = json.dumps(meta)
        row = meta['num_points'] * 12
        same = self.partial_meta.is_file() and self.partial_meta.read_text() == content
        if same and self.partial.is_file() and self.partial.stat().st_size >= len(header):
            done = (self.partial.stat().st_size - len(header)) // row
        else:
            done = 0
            self.partial.write_bytes(header)
            self.partial_meta.write_text(content)
        os.truncate(self.partial, len(header) + done * row)  # a row cut off by a kill
        needed = (len(self.files) - done) * row
        free = shutil.disk_usage(self.out.parent).free
        if needed > free:
            raise DataError(
                f"'{self.out}' needs {needed / 1e9:.2f} GB more and its disk has {free / 1e9:.2f} "
                f'GB free. Choose another --out.'
            )
        return done

    def _append(self, done: int, num_points: int) -> None:
        self.progress('pack', done)
        problems: list[str] = []
        with open(self.partial, 'ab') as file:
            for clouds in self._clouds(done, num_points, problems):
                if not problems:
                    file.write(np.stack([cloud for _, cloud in clouds]).data)
                    file.flush()
                    os.fsync(file.fileno())
                self.progress('pack', len(clouds))
        _raise(problems)

    def _compare_existing(self) -> None:
        packed = PackedClouds(self.out)
        if packed.sample_ids != [file.stem for file in self.files]:
            raise DataError(
                f"'{self.out}' exists and holds {len(packed)} shapes, the lists name "
                f'{len(self.files)}, or in another order. Delete it, or choose another --out.'
            )
        self._compare(packed.values)

    def _compare(self, packed: np.ndarray) -> None:
        """Reads every source once more."""
        problems: list[str] = []
        for clouds in self._clouds(0, packed.shape[1], problems):
            problems += [
                f"'{self.files[row]}' holds other points than its row {row} of the packed file. "
                f"Was it changed since? Delete '{self.out}' and its .partial files, and pack again."
                for row, cloud in clouds
                if not np.array_equal(packed[row], cloud)
            ]
            self.progress('compare', len(clouds))
        _raise(problems)

    def _clouds(
        self, start: int, num_points: int, problems: list[str]
    ) -> Iterator[list[tuple[int, np.ndarray]]]:
        """Rows and clouds from ``start`` on in chunks; bad ones are named and left out."""

        def read(file: Path) -> np.ndarray | str:
            try:
                cloud = _read(file)
            except DataError as error:
                return str(error)
            if len(cloud) == num_points:
                return cloud
            return (
                f"'{file}' holds {len(cloud)} points, the first shape {num_points}: a packed file "
                f'needs the same number everywhere. Take it out of the list, or write it again.'
            )

        with ThreadPoolExecutor(self.workers) as pool:
            for first in range(start, len(self.files), CHUNK):
                results = list(enumerate(pool.map(read, self.files[first : first + CHUNK]), first))
                problems += [result for _, result in results if isinstance(result, str)]
                yield [(row, result) for row, result in results if not isinstance(result, str)]


def _read(file: Path) -> np.ndarray:
    """A cloud as ``LoadPoints`` reads it, float32 ``(points, 3)``."""
    points = read_npy(file)
    check_points(points, file)
    return np.ascontiguousarray(points, dtype=np.float32)


def _header(shape: tuple[int, int, int]) -> bytes:
    header = io.BytesIO()
    description = {'descr': '<f4', 'fortran_order': False, 'shape': shape}
    np.lib.format.write_array_header_1_0(header, description)
    return header.getvalue()


def _raise(problems: list[str]) -> None:
    if problems:
        left = len(problems) - LISTED
        more = f'\n... and {left} more' if left > 0 else ''
        raise DataError('\n'.join(problems[:LISTED]) + more)
