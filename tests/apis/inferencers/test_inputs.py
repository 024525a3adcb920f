"""What an inferencer takes, and what becomes of what it cannot read."""

from pathlib import Path

import numpy as np
import pytest
import torch

from recon_mm.apis import FeatureInferencer
from recon_mm.apis.inferencers.inputs import list_sources, read_ahead
from recon_mm.datasets.errors import DataError


@pytest.fixture
def infer(tiny_config) -> FeatureInferencer:
    return FeatureInferencer(tiny_config('linear_svm_modelnet40'), device='cpu')


def test_every_kind_of_input(infer, clouds, tmp_path) -> None:
    trimesh = pytest.importorskip('trimesh')
    cloud = clouds[0]
    np.save(tmp_path / 'one.npy', cloud)
    expected = infer(cloud)['predictions'][0]['feature']
    inputs = [
        str(tmp_path / 'one.npy'),
        tmp_path,
        torch.tensor(cloud),
        np.stack([cloud, cloud]),
        np.concatenate([cloud, cloud], axis=1),  # colors or normals after the coordinates
        trimesh.PointCloud(cloud),
        (each for each in [cloud]),
    ]
    results = infer(inputs, batch_size=3)['predictions']
    names = [result['name'].replace(str(tmp_path), '') for result in results]
    numbered = ['cloud 0', 'cloud 1', 'cloud 2', 'cloud 3', 'mesh 4', 'cloud 5']
    assert names == ['/one.npy', '/one.npy', *numbered]
    for result in results:
        assert np.allclose(result['feature'], expected, atol=1e-5), result['name']
    mesh = infer(trimesh.creation.box())['predictions'][0]
    assert np.isfinite(mesh['feature']).all()


def test_a_bad_input_does_not_stop_the_others(infer, clouds, tmp_path, log) -> None:
    (tmp_path / 'damaged.ply').write_bytes(b'ply\nformat nonsense')
    bad = clouds[0].copy()
    bad[3] = np.nan
    inputs = [clouds[0], tmp_path / 'damaged.ply', tmp_path / 'no.npy', bad, clouds[1][:3]]
    results = infer([*inputs, clouds[1]], batch_size=2)['predictions']
    assert ['error' in result for result in results] == [False, True, True, True, True, False]
    assert "damaged.ply' cannot be read" in results[1]['error']
    assert "no file '" in results[2]['error']
    assert "'cloud 1' holds NaN" in results[3]['error']
    assert "'cloud 2' holds 3 points, expected at least 8" in results[4]['error']
    listed = log.messages[-1].splitlines()
    assert listed[0] == '4 input(s) failed:'
    assert len(listed) == 5


def test_results_come_before_the_inputs_end(infer, clouds) -> None:
    """A generator is read no further than some batches ahead."""
    read = []

    def endless():
        while True:
            read.append(1)
            yield clouds[0]

    stream = infer.stream(endless(), batch_size=2)
    assert next(stream)['feature'].shape == (48,)
    stream.close()
    assert len(read) <= 8


def test_what_is_no_cloud(tmp_path) -> None:
    with pytest.raises(TypeError, match='int is no cloud'):
        list(list_sources(3))
    with pytest.raises(DataError, match=r'holds no point cloud, expected files of \.obj'):
        list(list_sources(tmp_path))


def test_files_of_a_folder(tmp_path: Path) -> None:
    """Those that pretraining takes: also behind links, no hidden ones, no buffers of a glTF."""
    folder = tmp_path / 'scans'
    (folder / 'part').mkdir(parents=True)
    (tmp_path / 'elsewhere').mkdir()
    for name in ('b.ply', 'part/a.gltf', 'part/a.bin', '._b.ply', 'readme.md', 'c.bin'):
        (folder / name).touch()
    (tmp_path / 'elsewhere/d.OBJ').touch()
    (folder / 'link').symlink_to(tmp_path / 'elsewhere')
    (folder / 'loop').symlink_to(folder)
    names = [source.name for source in list_sources(folder)]
    assert names == [f'{folder}/{name}' for name in ('b.ply', 'c.bin', 'link/d.OBJ', 'part/a.gltf')]


def test_reading_ahead_keeps_the_order_and_passes_errors_on() -> None:
    assert list(read_ahead(lambda n: n * n, range(50), 5)) == [n * n for n in range(50)]
    with pytest.raises(ZeroDivisionError):
        list(read_ahead(lambda n: 1 / n, [1, 0], 5))
