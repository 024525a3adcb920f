"""Real shapes in the layouts of the project, here made of random ones."""

import argparse
from pathlib import Path

import numpy as np
import pytest

from benchmarks.real_data import write_clouds, write_modelnet40
from benchmarks.real_tasks import few_of_each, modelnet
from recon_mm.datasets import ModelNet, ShapeFolder

CLASSES, EACH = 40, 15


@pytest.fixture(scope='module')
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``modelnet40_1024.npz`` with 15 clouds of each class."""
    file = tmp_path_factory.mktemp('source') / 'modelnet40_1024.npz'
    labels = np.repeat(np.arange(CLASSES), EACH)
    points = np.random.default_rng(0).normal(size=(len(labels), 64, 3)).astype(np.float16)
    np.savez(
        file,
        train_points=points,
        train_labels=labels,
        test_points=points[::3],
        test_labels=labels[::3],
        classes=np.array([f'class_{i}' for i in range(CLASSES)]),
    )
    return file


def train_split(args: argparse.Namespace) -> ModelNet:
    return ModelNet(data_root=str(modelnet(args)), split='train', test_mode=True)


def test_validation_is_a_tenth_of_the_training_split(source: Path, tmp_path: Path) -> None:
    args = argparse.Namespace(out=tmp_path)
    write_modelnet40(source, tmp_path / 'data', validation=True)
    test = ModelNet(data_root=str(modelnet(args)), split='test', test_mode=True)
    assert (len(train_split(args)), len(test)) == (540, 60)


def test_few_labels_are_ten_of_each_class(source: Path, tmp_path: Path) -> None:
    args = argparse.Namespace(out=tmp_path)
    write_modelnet40(source, tmp_path / 'data', validation=False)
    dataset = train_split(args)
    drawn = few_of_each(0, args)
    labels = [dataset.get_data_info(i)['category'] for i in drawn]
    assert np.bincount(labels).tolist() == [10] * CLASSES
    assert len(set(drawn)) == len(drawn)
    assert few_of_each(0, args) == drawn != few_of_each(1, args)


def test_clouds_are_written_without_their_labels(source: Path, tmp_path: Path) -> None:
    args = argparse.Namespace(out=tmp_path)
    write_modelnet40(source, tmp_path / 'data', validation=False)
    write_clouds(modelnet(args), tmp_path / 'files')
    folder = ShapeFolder(str(tmp_path / 'files'), split='all', num_points=64, pipeline=[])
    assert folder.metainfo['classes'] == ('shape',)
    assert len(folder) == len(train_split(args)) == CLASSES * EACH
    x, y, z = np.load(source)['train_points'][3].astype(np.float32).T  # z is up there
    np.testing.assert_array_equal(np.load(tmp_path / 'files/00003.npy'), np.stack([x, z, -y], 1))
