"""Every kind of file to the same shape; what is refused, and that nothing else is opened."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from recon_mm.datasets.errors import DataError
from recon_mm.datasets.shape_files import AXES, Shape, draw_points, read_shape, to_y_up

trimesh = pytest.importorskip('trimesh')
CLOUD = np.random.default_rng(0).normal(size=(50, 3)).round(3)
LABELS = np.arange(50) % 4


def write_pcd(file: Path, encoding: str) -> None:
    pypcd4 = pytest.importorskip('pypcd4')
    cloud = pypcd4.PointCloud.from_xyz_points(CLOUD.astype(np.float32))
    cloud.save(file, encoding=pypcd4.Encoding(encoding))


def write_las(file: Path) -> None:
    laspy = pytest.importorskip('laspy')
    las = laspy.create()
    las.xyz = CLOUD
    las.write(file)


def rows(separator: str, *columns: np.ndarray) -> str:
    return '\n'.join(separator.join(map(str, row)) for row in np.column_stack(columns))


TEXTS = {
    'a.xyz': rows(' ', CLOUD),
    'tabs.txt': rows('\t', CLOUD, CLOUD),
    'a.csv': 'x,y,z,red\n' + rows(',', CLOUD, LABELS),
    'order.csv': 'id;Z;X;Y\n' + rows(';', LABELS, CLOUD[:, [2, 0, 1]]).replace('.', ','),
    'a.pts': f'{len(CLOUD)}\n' + rows(' ', CLOUD, LABELS),
    'compare.txt': '//X Y Z R G B\n' + rows(' ', CLOUD, CLOUD),
    'words.txt': '# made by hand\n'
    + '\n'.join(f'{line} chair' for line in rows(' ', CLOUD).split('\n')),
}


@pytest.mark.parametrize('name', [*TEXTS, 'a.npy', 'a.npz', 'a.bin', 'a.ply', 'a.las', 'a.laz',
                                  'ascii.pcd', 'binary.pcd', 'binary_compressed.pcd'])  # fmt: skip
def test_clouds(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    if name in TEXTS:
        file.write_text(TEXTS[name])
    elif name == 'a.npy':
        np.save(file, np.hstack([CLOUD, CLOUD]))
    elif name == 'a.npz':
        np.savez_compressed(file, points=CLOUD, labels=LABELS)
    elif name == 'a.bin':
        np.hstack([CLOUD, CLOUD[:, :1]]).astype(np.float32).tofile(file)
    elif name == 'a.ply':
        trimesh.PointCloud(CLOUD).export(file)
    elif file.suffix == '.pcd':
        write_pcd(file, file.stem)
    else:
        if name == 'a.laz':
            pytest.importorskip('lazrs')
        write_las(file)
    shape = read_shape(file)
    assert shape.faces is None
    np.testing.assert_allclose(shape.points, CLOUD, atol=6e-3 if 'la' in file.suffix else 1e-6)


@pytest.mark.parametrize('suffix', ['.obj', '.off', '.ply', '.stl', '.glb', '.gltf'])
def test_meshes(suffix: str, tmp_path: Path) -> None:
    box = trimesh.creation.box((2, 4, 6))
    if suffix == '.gltf':
        for name, content in trimesh.exchange.gltf.export_gltf(box.scene()).items():
            (tmp_path / name.replace('model', 'box')).write_bytes(content)
    else:
        box.export(tmp_path / f'box{suffix}')
    shape = read_shape(tmp_path / f'box{suffix}')
    assert shape.faces is not None and len(shape.faces) == 12
    np.testing.assert_allclose(np.abs(shape.points), np.tile([1, 2, 3], (len(shape.points), 1)))
    points, labels = draw_points(shape, 3000, 0, 'box')
    assert points.shape == (3000, 3) and points.dtype == np.float32 and labels is None
    side = np.isclose(np.abs(points), [1, 2, 3], atol=1e-5)
    assert side.any(1).all()
    np.testing.assert_allclose(side.mean(0), np.array([24, 12, 8]) / 44, atol=0.03)  # by area
    np.testing.assert_array_equal(points, draw_points(shape, 3000, 0, 'box')[0])
    assert (points != draw_points(shape, 3000, 1, 'box')[0]).any()


def test_up_is_a_rotation() -> None:
    for axis in AXES:
        up = np.eye(3)['xyz'.index(axis[-1])] * (-1 if '-' in axis else 1)
        np.testing.assert_array_equal(to_y_up(up[None], axis), [[0, 1, 0]])
        assert np.linalg.det(to_y_up(np.eye(3), axis)) == pytest.approx(1)
    with pytest.raises(ValueError, match="up='up'"):
        to_y_up(CLOUD, 'up')


def test_draws_of_a_cloud() -> None:
    few, labels = draw_points(Shape(CLOUD, None, LABELS), 120, 0, 'cloud')
    assert labels is not None
    assert len(np.unique(few, axis=0)) == 50 and len(few) == 120
    for point, label in zip(few, labels):
        assert LABELS[np.abs(CLOUD - point).sum(1).argmin()] == label
    assert len(np.unique(draw_points(Shape(CLOUD), 40, 0, 'cloud')[0], axis=0)) == 40


def test_far_from_the_origin_nothing_is_lost(tmp_path: Path) -> None:
    (tmp_path / 'utm.xyz').write_text(rows(' ', CLOUD + np.array([500_000, 5_400_000, 300])))
    points = read_shape(tmp_path / 'utm.xyz').points.astype(np.float32)
    np.testing.assert_allclose(points - points.min(0), CLOUD - CLOUD.min(0), atol=1e-5)


def test_labels(tmp_path: Path) -> None:
    np.savez(tmp_path / 'a.npz', points=CLOUD, labels=LABELS)
    np.save(tmp_path / 'a.npy', np.column_stack([CLOUD, LABELS]))
    (tmp_path / 'a.txt').write_text(rows(' ', CLOUD, CLOUD, LABELS))
    (tmp_path / 'a.csv').write_text('label,x,y,z\n' + rows(',', LABELS, CLOUD))
    (tmp_path / 'b.xyz').write_text(rows(' ', CLOUD))
    (tmp_path / 'b.seg').write_text(rows(' ', LABELS))
    for name in ('a.npz', 'a.npy', 'a.txt', 'a.csv', 'b.xyz'):
        shape = read_shape(tmp_path / name, with_labels=True)
        np.testing.assert_array_equal(shape.labels, LABELS)
        np.testing.assert_allclose(shape.points, CLOUD)
    trimesh.creation.box().export(tmp_path / 'c.obj')
    with pytest.raises(DataError, match=r"c\.obj' has no labels for 12 faces.*c\.seg"):
        read_shape(tmp_path / 'c.obj', with_labels=True)
    (tmp_path / 'c.seg').write_text('1\n' * 11 + '-1\n')
    with pytest.raises(DataError, match=r'c\.seg.* holds the label -1'):
        read_shape(tmp_path / 'c.obj', with_labels=True)


def gltf(uri: str) -> str:
    return json.dumps({
        'asset': {'version': '2.0'}, 'scene': 0, 'scenes': [{'nodes': [0]}],
        'nodes': [{'mesh': 0}], 'meshes': [{'primitives': [{'attributes': {'POSITION': 0}}]}],
        'accessors': [{'bufferView': 0, 'componentType': 5126, 'count': 3, 'type': 'VEC3'}],
        'bufferViews': [{'buffer': 0, 'byteLength': 36}],
        'buffers': [{'uri': uri, 'byteLength': 36}],
    })  # fmt: skip


BAD = [
    ('a.doc', 'x', 'of no known kind'),
    ('a.obj', '', 'expected'),
    ('a.obj', 'v 0 0 0\nv 1 0 0\nv 0 1 nan\nf 1 2 3\n', 'NaN'),
    ('a.obj', 'v 0 0 0\nv 1 0 0\nv 0 1 1e30\nf 1 2 3\n', 'too large'),
    ('a.obj', 'v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n', 'without any area'),
    ('a.off', 'OFF\n3 1 0\n0 0 0\n1 0 0\n0 1 0\n3 0 1 7\n', r'a\.off'),
    ('a.off', 'OFF\n99999999999 1 1\n', 'expected a mesh or points'),
    ('a.gltf', gltf('../../secret.bin'), 'its own folder'),
    ('a.gltf', gltf('/etc/passwd'), 'its own folder'),
    ('a.gltf', gltf('https://example.org/a.bin'), 'its own folder'),
    ('a.gltf', gltf('secret.txt'), 'expected a buffer'),
    ('a.gltf', gltf('absent.bin'), r'a\.gltf'),
    ('a.bin', '12345', 'bin_columns'),
    ('a.pcd', '# .PCD\nFIELDS x y z\nSIZE 4 4 4\n', 'expected a table'),
    ('a.las', 'LASF', 'expected a table'),
    ('a.csv', 'a,b,c\nd,e,f\n', 'no line of 3 numbers'),
]


@pytest.mark.parametrize(('name', 'content', 'message'), BAD)
def test_refused(name: str, content: str, message: str, tmp_path: Path) -> None:
    (tmp_path / 'secret.txt').write_text('secret')
    folder = tmp_path / 'in' / 'deep'
    folder.mkdir(parents=True)
    (folder / name).write_text(content)
    with pytest.raises(DataError, match=message):
        draw_points(read_shape(folder / name), 100, 0, folder / name)


def test_a_zip_that_grows_is_refused(tmp_path: Path, monkeypatch) -> None:
    np.savez_compressed(tmp_path / 'a.npz', points=np.zeros((10**5, 3)))
    monkeypatch.setattr('recon_mm.datasets.shape_tables.LARGEST_ARRAY', 10**6)
    with pytest.raises(DataError, match=r'a\.npz.* bytes unpacked'):
        read_shape(tmp_path / 'a.npz')


def test_no_link_leads_out_of_the_folder_of_a_gltf(tmp_path: Path) -> None:
    (tmp_path / 'secret.bin').write_bytes(np.eye(3, dtype=np.float32).tobytes())
    folder = tmp_path / 'in'
    folder.mkdir()
    (folder / 'link.bin').symlink_to(tmp_path / 'secret.bin')
    (folder / 'a.gltf').write_text(gltf('link.bin'))
    opened: list[str] = []
    sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)
    with pytest.raises(DataError, match='its own folder'):
        read_shape(folder / 'a.gltf')
    assert not any('bin' in Path(name).name for name in opened)


def test_a_missing_library_is_not_the_fault_of_the_file(tmp_path: Path, monkeypatch) -> None:
    trimesh.creation.box().export(tmp_path / 'a.obj')
    monkeypatch.setitem(sys.modules, 'trimesh', None)
    with pytest.raises(ImportError, match=r'\[shapes\]'):
        read_shape(tmp_path / 'a.obj')


def test_vertices_of_no_face_are_left_out(tmp_path: Path) -> None:
    (tmp_path / 'a.obj').write_text('v 9 9 9\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 2 3 4\n')
    shape = read_shape(tmp_path / 'a.obj')
    np.testing.assert_array_equal(shape.points, [[0, 0, 0], [1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(shape.faces, [[0, 1, 2]])
