"""PLY files with colors, and with values where there are some, for other viewers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .colored_cloud import ColoredCloud


def write_ply(path: str | Path, cloud: ColoredCloud) -> None:
    """Writes one cloud: ``x y z red green blue``, and ``value`` or ``label`` where it has them.

    Binary, little-endian, as MeshLab, CloudCompare, Blender and trimesh read it. Comments in the
    header say what the values are and how the labels are called.
    """
    fields = [(name, '<f4') for name in 'xyz'] + [(name, 'u1') for name in ('red', 'green', 'blue')]
    extra = {'value': cloud.values, 'label': cloud.labels}
    fields += [
        (name, '<f4' if name == 'value' else '<i4')
        for name, column in extra.items()
        if column is not None
    ]
    table = np.empty(len(cloud.points), fields)
    for i, name in enumerate('xyz'):
        table[name] = cloud.points[:, i]
    for i, name in enumerate(('red', 'green', 'blue')):
        table[name] = cloud.colors[:, i]
    for name, column in extra.items():
        if column is not None:
            table[name] = column
    kinds = {'<f4': 'float', '<i4': 'int', 'u1': 'uchar'}
    comments = [cloud.title, cloud.unit and f'value: {cloud.unit}']
    comments += [f'label {i}: {name}' for i, (name, _) in enumerate(cloud.legend)]
    header = [
        *('ply', 'format binary_little_endian 1.0'),
        *(f'comment {" ".join(text.split())}' for text in comments if text),
        f'element vertex {len(table)}',
        *(f'property {kinds[kind]} {name}' for name, kind in fields),
        'end_header\n',
    ]
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = '\n'.join(header).encode('ascii', 'replace')
    path.write_bytes(text + table.tobytes())


def write_all_ply(path: str | Path, rows: Sequence[Sequence[ColoredCloud]]) -> None:
    """Writes every cloud; several get ``_1``, ``_2`` and so on before the suffix, row by row."""
    path, clouds = Path(path), [cloud for row in rows for cloud in row]
    for number, cloud in enumerate(clouds, start=1):
        name = path.name if len(clouds) == 1 else f'{path.stem}_{number}{path.suffix}'
        write_ply(path.with_name(name), cloud)
