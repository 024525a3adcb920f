import sys

import numpy as np
import pytest

from recon_mm.apis import load_cloud
from recon_mm.datasets.errors import DataError

CLOUD = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]], dtype=np.float32)


def test_arrays_and_text(tmp_path) -> None:
    np.save(tmp_path / 'a.npy', CLOUD)
    (tmp_path / 'a.csv').write_text('0,1,2,9,9,9\n3,4,5,9,9,9\n')
    (tmp_path / 'a.xyz').write_text('0 1 2\n3 4 5\n')
    for name in ('a.npy', 'a.csv', 'a.xyz'):
        cloud = load_cloud(tmp_path / name)
        assert cloud.dtype == np.float32
        np.testing.assert_array_equal(cloud, CLOUD)


def test_meshes_and_clouds_of_trimesh(tmp_path) -> None:
    trimesh = pytest.importorskip('trimesh')
    trimesh.PointCloud(CLOUD).export(tmp_path / 'cloud.ply')
    np.testing.assert_allclose(load_cloud(tmp_path / 'cloud.ply'), CLOUD)
    trimesh.creation.box((2, 4, 6)).export(tmp_path / 'box.off')
    box = load_cloud(tmp_path / 'box.off')
    assert box.shape == (8192, 3)
    np.testing.assert_allclose(np.abs(box).max(0), [1, 2, 3], rtol=1e-3)
    on_surface = np.isclose(np.abs(box) / [1, 2, 3], 1).any(1)
    assert on_surface.all()


@pytest.mark.parametrize(
    ('name', 'content', 'message'),
    [
        ('a.doc', '', 'of no known kind'),
        ('a.txt', 'x y z\n', 'expected a table of numbers'),
        ('a.xyz', '1 2\n', 'a.xyz'),
        ('absent.npy', None, 'no file'),
        ('a.npy', '\x93NUMPY', r'a\.npy.* expected a complete \.npy file'),
        ('a.csv', '1,2,3\n1,2,nan\n', r'a\.csv.*first: point 1'),
        ('a.csv', '1,2,3\n1,2,1e300\n', r'a\.csv.*point 1 = .*1e\+300'),
        ('a.pts', '1 2 3\n1 2 3\n', r'a\.pts.* of which 1 differ'),
        ('a.txt', '\0', r'a\.txt.* expected a table of numbers'),
        ('a.ply', 'ply\n', r'a\.ply.* expected a mesh or points'),
        ('a.off', 'OFF\n99999999999 1 1\n', r'a\.off.* expected a mesh or points'),
        ('a.obj', 'v 0 0 0\nf 1 2 3\n', r'a\.obj'),
        ('a.stl', 'solid\n', r'a\.stl'),
        ('a.glb', 'glTF', r'a\.glb.* expected a mesh or points'),
    ],
)
def test_errors_name_the_file(tmp_path, name, content, message) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=message):
        load_cloud(tmp_path / name)


def test_files_that_a_mesh_names_are_not_opened(tmp_path) -> None:
    pytest.importorskip('trimesh')
    (tmp_path / 'secret.mtl').write_text('newmtl a\nmap_Kd secret.png\n')
    text = 'mtllib secret.mtl\nusemtl a\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n'
    (tmp_path / 'a.obj').write_text(text)
    load_cloud(tmp_path / 'a.obj')  # what trimesh imports is there
    opened: list[str] = []

    def record(event: str, args: tuple) -> None:
        if event == 'open' and str(tmp_path) in str(args[0]):
            opened.append(str(args[0]))

    sys.addaudithook(record)  # sees every way of opening a file; cannot be taken away again
    assert load_cloud(tmp_path / 'a.obj').shape == (8192, 3)
    assert set(opened) == {str(tmp_path / 'a.obj')}
