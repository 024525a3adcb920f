"""The folder in which a reader of the pages works."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import trimesh

from recon_mm.apis import prepare
from tests.tiny import ROOT

from .reader import Reader, link_data


@pytest.fixture(scope='session')
def meshes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten meshes of two categories."""
    root = tmp_path_factory.mktemp('meshes')
    shapes: dict[str, Callable] = {
        'box': lambda size: trimesh.creation.box([1, size, 2]),
        'cylinder': lambda size: trimesh.creation.cylinder(size, 2),
    }
    for category, make in shapes.items():
        (root / category).mkdir()
        for i in range(5):
            make(1 + 0.2 * i).export(root / category / f'{i}.obj')
    return root


@pytest.fixture(scope='session')
def prepared(meshes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``recon-mm prepare`` makes of them."""
    out = tmp_path_factory.mktemp('prepared')
    assert prepare.main([str(meshes), '--out', str(out), '--workers', '1', '--val', '0.3']) == 0
    return out


@pytest.fixture(scope='session')
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo data that the pages make."""
    return tmp_path_factory.mktemp('made')


@pytest.fixture
def reader(
    tmp_path: Path,
    made: Path,
    demo_data: Path,
    meshes: Path,
    prepared: Path,
    tiny_clip: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Reader:
    """A reader in a checkout with data in every layout, and with shapes of the reader's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv('RECON_DATA', raising=False)
    # One folder for all tests: a table of text features is computed once.
    monkeypatch.setenv('RECON_CACHE', str(demo_data / 'text_features'))
    # Most of a tiny run is spent on laying out its config's text, several times.
    monkeypatch.setattr('mmengine.config.config.FormatCode', lambda text, **_: (text, True))
    for name in ('configs', 'tools'):
        Path(name).symlink_to(ROOT / name)
    data = Path('data')
    link_data(demo_data, data)
    Path('home').mkdir()
    Path('home/datasets').symlink_to(data.resolve())
    for name in ('MESHES', 'FOLDER', 'data/shapes'):
        Path(name).symlink_to(meshes)
    shutil.copytree(prepared, 'PREPARED')
    write_parts(data / 'parts')
    write_clouds(data)
    np.savez('clip.npz', names=['box', 'cylinder'], features=np.ones((2, 384), np.float32))
    return Reader(tmp_path, tiny_clip, made)


def write_parts(root: Path) -> None:
    """Clouds of two categories, of three and of two parts."""
    for category, parts in (('lamp', 3), ('table', 2)):
        (root / category).mkdir(parents=True)
        for index in range(6):
            points = np.random.default_rng(index).normal(size=(200, 3))
            labels = np.argsort(np.argsort(points[:, 1])) * parts // 200
            table = np.column_stack([points, labels])
            np.savetxt(root / category / f'{index}.txt', table, fmt='%.4f')


def write_clouds(data: Path) -> None:
    """Scans, a chair and a room."""
    shapes = sorted((data / 'ShapeNet55-34/shapenet_pc').iterdir())
    Path('scans').mkdir()
    for index, shape in enumerate(shapes[:2]):
        shutil.copy(shape, f'scans/{index}.npy')
    trimesh.PointCloud(np.load(shapes[2])).export('chair.ply')
    room = np.fromfile(next((data / 's3dis/points').iterdir()), np.float32).reshape(-1, 6)
    room = room[(room[:, :2] < room[:, :2].min(0) + 1.2).all(1)]  # a corner
    trimesh.PointCloud(room[:, :3], room[:, 3:].astype(np.uint8)).export('room.ply')
