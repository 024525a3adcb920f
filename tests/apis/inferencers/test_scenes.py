"""Rooms, segmented block by block."""

import numpy as np
import pytest
import torch

from recon_mm.apis import SceneInferencer
from recon_mm.registry import DATASETS


@pytest.fixture
def room() -> np.ndarray:
    """Two by one and a half meters with colors, far from the origin."""
    rng = np.random.default_rng(0)
    xyz = rng.uniform(size=(6000, 3)) * (2, 1.5, 2.5) + (10, -20, 1)
    return np.concatenate([xyz, rng.integers(0, 256, size=(6000, 3))], axis=1)


def small(tiny_config):
    cfg = tiny_config('semantic_segmentation_s3dis')
    cfg.test_dataloader.dataset.num_points = 512
    return cfg


def test_every_point_has_a_class_whatever_the_batch(tiny_config, room, tmp_path) -> None:
    trimesh = pytest.importorskip('trimesh')
    infer = SceneInferencer(small(tiny_config), device='cpu')
    assert 'blocks of 1 m every 0.5 m' in infer.describe()
    np.save(tmp_path / 'a.npy', room)
    np.savetxt(tmp_path / 'b.txt', room)
    trimesh.PointCloud(room[:, :3], room[:, 3:].astype(np.uint8)).export(tmp_path / 'c.ply')
    (first, *others) = infer([room, tmp_path], draw=True)['predictions']
    assert first['segments'].shape == (6000,)
    assert sum(first['counts'].values()) == 6000
    assert set(first['counts']) <= set(infer.classes)
    infer.block_batch = 3
    others.append(infer(room)['predictions'][0])
    assert len(others) == 4
    for other in others:  # a .ply has coordinates in float32
        assert np.mean(other['segments'] == first['segments']) > 0.99


def test_votes_are_those_of_the_test(tiny_config, demo_data) -> None:
    """A room of the demo's data set, whose samples the model judges one by one."""
    cfg = small(tiny_config)
    infer = SceneInferencer(cfg, device='cpu')
    dataset = DATASETS.build({**cfg.test_dataloader.dataset, 'indices': None})
    name = dataset.get_data_info(0)['sample_id']
    info = dataset.get_data_info(0)
    room = np.fromfile(info['points_path'], dtype=np.float32).reshape(-1, 6)
    votes = torch.zeros(len(room), 13)
    for i in range(len(dataset)):
        info = dataset.get_data_info(i)
        if info['sample_id'] != name:
            break
        with torch.no_grad():
            scores = infer.model({'points': torch.tensor(info['points'][None])}).softmax(2)[0]
        votes.index_add_(0, torch.tensor(info['point_index']), scores)
    found = infer(room)['predictions'][0]['segments']
    assert np.mean(found == votes.argmax(1).numpy()) > 0.999


def test_rooms_without_colors_are_reported(tiny_config, room, tmp_path) -> None:
    np.save(tmp_path / 'a.npy', room[:, :3])
    (tmp_path / 'b.obj').write_text('v 0 0 0')
    results = SceneInferencer(small(tiny_config), device='cpu')([tmp_path, room * 2])
    errors = [result['error'] for result in results['predictions']]
    assert 'expected (N, 6)' in errors[0]
    assert 'no kind that is read with colors' in errors[1]
    assert 'expected 0 to 255' in errors[2]


def test_a_config_of_shapes_is_refused(tiny_config) -> None:
    with pytest.raises(ValueError, match='use a semantic segmentation config'):
        SceneInferencer(tiny_config('part_segmentation_shapenetpart'), device='cpu')
