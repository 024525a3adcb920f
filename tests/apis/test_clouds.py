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
        ('a.las', '', 'of no known kind'),
        ('a.txt', 'x y z\n', 'expected a table of numbers'),
        ('a.xyz', '1 2\n', 'a.xyz'),
        ('absent.npy', None, 'no file'),
    ],
)
def test_errors_name_the_file(tmp_path, name, content, message) -> None:
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=message):
        load_cloud(tmp_path / name)
