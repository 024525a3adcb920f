"""Clouds as scanners write them: LAS, LAZ and PCD.

As in :mod:`.shape_tables`, a reader raises whatever it likes: it is called inside ``reading``.
"""

import struct
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recon_mm.utils import require

MOST_POINTS = 10**8
MOST_RECORDS = 10**4  # of a LAS file, beside its points


class LasHeader(NamedTuple):
    """What the points of a LAS file are read by."""

    start: int
    record_bytes: int
    count: int
    label_at: int
    scale: tuple[float, float, float]
    offset: tuple[float, float, float]


def read_las(path: Path, with_labels: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Points ``(N, 3)`` and, as labels, their classification ``(N,)``.

    The layout of a LAS file is fixed and short: it is read here. A LAZ file is unpacked by laspy.
    """
    content = path.read_bytes()
    header = _las_header(content)
    if path.suffix.lower() == '.laz':
        _check_chunks(content, header)
        laspy = require('laspy', 'shapes')
        require('lazrs', 'shapes')
        packed = laspy.read(BytesIO(content), laz_backend=laspy.LazBackend.Lazrs)
        return np.array(packed.xyz), np.array(packed.classification) if with_labels else None
    end = header.start + header.count * header.record_bytes
    if end > len(content):
        raise ValueError(f'{header.count} points end at byte {end}')
    table = np.frombuffer(content[header.start : end], np.uint8).reshape(-1, header.record_bytes)
    points = np.ascontiguousarray(table[:, :12]).view('<i4') * header.scale + header.offset
    labels = table[:, header.label_at] if with_labels else None
    return points, labels if header.label_at == 16 or labels is None else labels & 31


def _las_header(content: bytes) -> LasHeader:
    if content[:4] != b'LASF' or len(content) < 227:
        raise ValueError('no header of a LAS file')
    start, records, kind, record_bytes, count = struct.unpack_from('<IIBHI', content, 96)
    more = 0
    if content[25] >= 4:  # version 1.4
        more, count = struct.unpack_from('<IQ', content, 243)
    scale, offset = struct.unpack_from('<3d', content, 131), struct.unpack_from('<3d', content, 155)
    kind &= 63
    if kind > 10 or record_bytes < 20 or count > MOST_POINTS or max(records, more) > MOST_RECORDS:
        raise ValueError(f'{count} points of kind {kind}, {record_bytes} bytes, {records} records')
    return LasHeader(start, record_bytes, count, 16 if kind >= 6 else 15, scale, offset)


def _check_chunks(content: bytes, header: LasHeader) -> None:
    """Compares the number of packed chunks with the file: lazrs ends the process over a lie."""
    (table,) = struct.unpack_from('<q', content, header.start)
    if table == -1:  # written at the end, by who could not go back
        (table,) = struct.unpack_from('<q', content, len(content) - 8)
    version, chunks = struct.unpack_from('<II', content, table) if table > 0 else (1, 0)
    if version or not 0 < chunks <= len(content) or header.count * header.record_bytes > 2**31:
        raise ValueError(f'{chunks} chunks of {header.count} points')


def read_pcd(path: Path, with_labels: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Points ``(N, 3)`` and the field ``label`` of a PCD file, in any of its encodings."""
    pypcd4 = require('pypcd4', 'shapes')
    with open(path, 'rb') as file:
        cloud = pypcd4.PointCloud.from_fileobj(file)
    points = np.column_stack([cloud.pc_data[axis].astype(np.float64) for axis in 'xyz'])
    seen = ~np.isnan(points).any(1)  # a depth camera writes NaN where it saw nothing
    labels = cloud.pc_data['label'][seen] if with_labels and 'label' in cloud.fields else None
    return points[seen], labels
