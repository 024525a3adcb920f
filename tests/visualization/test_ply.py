"""PLY files, as another library reads them."""

from pathlib import Path

import numpy as np
import pytest

from recon_mm.visualization import labeled_cloud, valued_cloud, write_ply

trimesh = pytest.importorskip('trimesh')
POINTS = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)


def test_points_colors_and_values_are_read_back(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 20, dtype=np.float32)
    cloud = valued_cloud(POINTS, values, 'meters', 'a\nb')
    write_ply(tmp_path / 'new/a.ply', cloud)
    read = trimesh.load(tmp_path / 'new/a.ply')
    assert (read.vertices == POINTS).all()
    assert (read.visual.vertex_colors[:, :3] == cloud.colors).all()
    assert (read.metadata['_ply_raw']['vertex']['data']['value'].ravel() == values).all()
    assert b'comment a b\ncomment value: meters\n' in (tmp_path / 'new/a.ply').read_bytes()


def test_labels_have_names(tmp_path: Path) -> None:
    cloud = labeled_cloud(POINTS, np.arange(20) % 2, ['wing', 'tail'], [(1, 2, 3), (4, 5, 6)])
    write_ply(tmp_path / 'a.ply', cloud)
    read = trimesh.load(tmp_path / 'a.ply')
    labels = read.metadata['_ply_raw']['vertex']['data']['label'].ravel()
    assert labels.tolist() == [0, 1] * 10
    assert b'comment label 1: tail\n' in (tmp_path / 'a.ply').read_bytes()
