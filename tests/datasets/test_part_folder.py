"""Custom shapes with part labels, and the segmentor that is trained on them."""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from recon_mm.datasets import DataError, PartFolder
from tests.tiny import ROOT, shrink


def lamps_and_tables(root: Path, count: int = 6) -> Path:
    """Tables as text with labels 0 and 1 below and above, lamps as .npz with labels 5, 7, 9."""
    for index in range(count):
        points = np.random.default_rng(index).normal(size=(200, 3))
        (root / 'table').mkdir(parents=True, exist_ok=True)
        (root / 'lamp').mkdir(exist_ok=True)
        table = np.column_stack([points, points[:, 1] > 0])
        np.savetxt(root / 'table' / f'{index}.txt', table, fmt='%.4f')
        labels = np.array([5, 7, 9])[np.digitize(points[:, 1], [-0.5, 0.5])]
        np.savez(root / 'lamp' / f'{index}.npz', points=points[:150], labels=labels[:150])
    return root


def test_parts_are_counted_through_all_categories(tmp_path: Path) -> None:
    data = PartFolder(str(lamps_and_tables(tmp_path)), split='all')
    assert data.metainfo['classes'] == ('lamp', 'table')
    assert data.metainfo['parts'] == ((0, 1, 2), (3, 4))
    assert len(data.metainfo['palette']) == 5
    lamp, table = data[0], data[6]
    assert lamp['points'].shape == (150, 3) and table['points'].shape == (200, 3)
    np.testing.assert_array_equal(
        lamp['part_labels'], np.digitize(lamp['points'][:, 1], [-0.5, 0.5])
    )
    np.testing.assert_array_equal(table['part_labels'], 3 + (table['points'][:, 1] > 0))
    assert lamp['part_labels'].dtype == np.int64


def test_labels_of_faces_go_to_the_points_on_them(tmp_path: Path) -> None:
    trimesh = pytest.importorskip('trimesh')
    box = trimesh.creation.box()
    box.export(tmp_path / 'box.obj')
    top = box.face_normals[:, 1] > 0.9
    (tmp_path / 'box.seg').write_text('\n'.join(map(str, top.astype(int))))
    data = PartFolder(str(tmp_path), split='all', num_points=500)
    sample = data[0]
    assert data.metainfo['classes'] == ('shape',) and sample['points'].shape == (500, 3)
    np.testing.assert_array_equal(sample['part_labels'], sample['points'][:, 1] > 0.4999)


def test_shapes_without_labels_are_named(tmp_path: Path) -> None:
    np.savetxt(tmp_path / 'a.xyz', np.random.default_rng(0).normal(size=(40, 3)))
    with pytest.raises(DataError, match=r'a\.xyz.*expected labels in the last'):
        PartFolder(str(tmp_path), split='all').full_init()


def config(root: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv('RECON_DATA', str(root))
    cfg = Config.fromfile(ROOT / 'configs/recon/part_segmentation_folder.py')
    shrink(cfg, '', root)
    for loader in (cfg.train_dataloader, cfg.val_dataloader, cfg.test_dataloader):
        loader.dataset.update(indices=None, val_fraction=0.3)
    cfg.work_dir = str(root / 'work')
    cfg.experiment_name = root.name
    return cfg


def test_trains_and_is_evaluated(tmp_path: Path, monkeypatch) -> None:
    cfg = config(lamps_and_tables(tmp_path), monkeypatch)
    cfg.model.head.update(num_classes=5, parts_per_category=(3, 2))
    runner = Runner.from_cfg(cfg)
    runner.train()
    metrics = runner.test()
    assert set(metrics) == {
        f'partseg/{name}' for name in ('instance_miou', 'class_miou', 'accuracy')
    }


def test_numbers_of_parts_that_differ_are_said(tmp_path: Path, monkeypatch) -> None:
    runner = Runner.from_cfg(config(lamps_and_tables(tmp_path), monkeypatch))
    with pytest.raises(
        ValueError, match=r'num_classes=5 and model.head.parts_per_category="\[3,2\]"'
    ):
        runner.train()
