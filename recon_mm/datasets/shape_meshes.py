"""Meshes, and clouds in files of meshes, through trimesh."""

from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from recon_mm.utils import require

from .errors import DataError

MESHES = ('.obj', '.off', '.ply', '.stl', '.glb', '.gltf')
LOOK_APART = ('.obj', '.glb', '.gltf')  # kinds whose materials are left out by an option


def read_mesh(
    path: Path, with_labels: bool
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """The vertices ``(V, 3)``, the triangles ``(F, 3)`` if there are any, and their labels.

    Raises:
        DataError: If the file names others outside its folder.
        Exception: Any other, if it is damaged: to be called inside ``reading``.
    """
    trimesh = require('trimesh', 'shapes')
    suffix = path.suffix.lower()
    options: dict[str, Any] = {'process': False}  # keeps the faces as they are in the file
    if suffix in LOOK_APART:
        options['skip_materials'] = True
    if suffix == '.obj':
        options['maintain_order'] = True
    # From bytes, not from a path: no other file is opened but through the resolver.
    content = BytesIO(path.read_bytes())
    resolver = _buffers_of(path) if suffix == '.gltf' else None
    geometry = trimesh.load(content, file_type=suffix[1:], resolver=resolver, **options)
    if isinstance(geometry, trimesh.Scene):
        geometry = geometry.to_geometry()
    vertices = np.asarray(geometry.vertices, np.float64)
    faces = np.asarray(getattr(geometry, 'faces', ()), np.int64).reshape(-1, 3)
    labels = _ply_labels(geometry, 'face' if len(faces) else 'vertex') if with_labels else None
    return vertices, faces if len(faces) else None, labels


def _buffers_of(path: Path) -> Any:
    """What gives trimesh the buffers of a glTF: files of its folder or below, and nothing else."""
    resolvers = require('trimesh.resolvers', 'shapes')

    class Buffers(resolvers.Resolver):
        def __init__(self) -> None:
            pass

        def get(self, key: str) -> bytes:
            name, folder = PurePosixPath(key), path.parent.resolve()
            inside = (folder / name).resolve().is_relative_to(folder)
            if name.is_absolute() or '..' in name.parts or ':' in key or not inside:
                raise DataError(
                    f"'{path}' names the file {key[:80]!r}, expected one in its own folder: no "
                    f'other is opened, and nothing is fetched. Put it there, or write a .glb.'
                )
            file = folder / name
            if file.suffix.lower() != '.bin':
                raise DataError(f"'{path}' names {key[:80]!r}, expected a buffer (.bin).")
            return file.read_bytes()

        def keys(self) -> tuple[()]:
            return ()

        def write(self, name: str, data: Any) -> None:
            raise NotImplementedError

        def namespaced(self, namespace: str) -> Any:
            raise NotImplementedError

    return Buffers()


def _ply_labels(geometry: Any, element: str) -> np.ndarray | None:
    """The property ``label`` of a PLY file's faces or vertices."""
    raw = geometry.metadata.get('_ply_raw', {}).get(element, {}).get('data')
    names = raw if isinstance(raw, dict) else getattr(getattr(raw, 'dtype', None), 'names', None)
    return np.asarray(raw['label']).reshape(-1) if names and 'label' in names else None
