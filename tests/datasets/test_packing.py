"""Clouds in one store: written completely or continued, read without a copy."""

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from recon_mm.datasets import BatchedShapeNet55, DataError, ShapeNet55, packing
from recon_mm.datasets.batched_shapenet55 import keep_batch
from recon_mm.datasets.fingerprint import fingerprint
from recon_mm.datasets.packing import pack_clouds
from recon_mm.datasets.seeding import EpochIndex
from recon_mm.datasets.storage import PACKED, open_store
from tests.stores import store_features
from tests.tiny import ROOT

LISTS = ('train.txt', 'test.txt')
TOOL = ROOT / 'tools/dataset_converters/pack_shapenet55.py'


def source_files(root: Path) -> list[Path]:
    dataset = ShapeNet55(str(root), ann_files=LISTS)
    return [Path(dataset.get_data_info(i)['points_path']) for i in range(len(dataset))]


@pytest.fixture
def packed(shapenet_root: Path) -> Path:
    path = shapenet_root / 'shapenet_packed'
    assert pack_clouds(path, source_files(shapenet_root))
    return path


@pytest.fixture
def features(shapenet_root: Path) -> Path:
    """Feature d of view v of row r is 100 r + 10 v + d."""
    ids = [file.stem for file in reversed(source_files(shapenet_root))]
    rows, views, dims = np.ogrid[: len(ids), :3, :2]
    values = (100 * rows + 10 * views + dims).astype(np.float16)
    store_features(shapenet_root / 'teacher_features', values, ids)
    return shapenet_root / 'teacher_features'


def test_holds_the_sources(shapenet_root: Path, packed: Path) -> None:
    files = source_files(shapenet_root)
    array = np.load(packed / 'clouds.npy')
    assert array.dtype == np.float32
    assert array.shape == (9, 128, 3)
    for row, file in enumerate(files):
        assert np.array_equal(array[row], np.load(file))
    assert open_store(packed, PACKED).header.sample_ids == [file.stem for file in files]
    assert not pack_clouds(packed, files)  # compared, not written again


def test_samples_are_views_of_the_file(shapenet_root: Path, packed: Path) -> None:
    (shapenet_root / 'shapenet_pc').rename(shapenet_root / 'moved')
    pipeline = [{'type': 'PackPointInputs', 'input_keys': ('points', 'category')}]
    dataset = ShapeNet55(str(shapenet_root), 'test', packed_file=str(packed), pipeline=pipeline)
    points = dataset.get_data_info(1)['points']
    assert not points.flags.owndata
    assert not points.flags.writeable
    sample = dataset[1]
    name = sample['data_samples'].sample_id
    expected = np.load(shapenet_root / 'moved' / f'{name}.npy')
    assert torch.equal(sample['inputs']['points'], torch.from_numpy(expected))
    assert len(pickle.dumps(dataset.clouds)) < 2000  # the map does not travel to a worker


@pytest.mark.parametrize('workers', [0, 2])
def test_whole_batches(shapenet_root: Path, packed: Path, features: Path, workers: int) -> None:
    cache = dict(path=str(features), view=2, key='depth_features')
    dataset = BatchedShapeNet55(
        str(shapenet_root), str(packed), 64, cache, ann_files=('test.txt', 'train.txt')
    )
    loader = DataLoader(dataset, 4, collate_fn=keep_batch, num_workers=workers)
    batches = [batch['inputs'] for batch in loader]
    assert [len(batch['points']) for batch in batches] == [4, 4, 1]
    names = [dataset.get_data_info(i)['sample_id'] for i in range(9)]
    points = torch.cat([batch['points'] for batch in batches])
    for name, cloud in zip(names, points):
        assert np.array_equal(np.load(shapenet_root / 'shapenet_pc' / f'{name}.npy'), cloud)
    assert torch.cat([b['category'] for b in batches]).tolist() == [0, 1, 2, 0, 0, 1, 1, 2, 2]
    image_features = torch.cat([batch['depth_features'] for batch in batches])
    stored = [file.stem for file in reversed(source_files(shapenet_root))]
    first = torch.tensor([100.0 * stored.index(name) + 20 for name in names])
    assert image_features.dtype == torch.float32
    assert torch.equal(image_features, torch.stack([first, first + 1], 1))


def test_views_are_drawn(shapenet_root: Path, packed: Path, features: Path) -> None:
    np.random.seed(0)  # noqa: NPY002  # as the worker's own seed
    dataset = BatchedShapeNet55(str(shapenet_root), str(packed), 1, dict(path=str(features)))
    drawn = torch.stack(
        [dataset.__getitems__(range(6))['inputs']['image_features'] for _ in range(60)]
    )
    views = (drawn[..., 0] % 100 / 10).long()
    assert (torch.nn.functional.one_hot(views, 3).sum(0) > 5).all()  # of each sample, each view


def test_several_views_are_drawn(shapenet_root: Path, packed: Path, features: Path) -> None:
    """By seed, epoch and sample, whatever else is in the batch."""
    stored = dict(path=str(features), rows=2)
    dataset = BatchedShapeNet55(str(shapenet_root), str(packed), 1, stored)

    def read(epoch: int, samples: Sequence[int]) -> torch.Tensor:
        batch = dataset.__getitems__([EpochIndex(i, 0, epoch) for i in samples])
        return batch['inputs']['image_features']

    drawn = read(1, range(6))
    assert drawn.shape == (6, 2, 2)
    assert (drawn[:, 0] != drawn[:, 1]).all()
    assert torch.equal(read(1, [5, 2]), drawn[[5, 2]])
    assert not torch.equal(read(2, range(6)), drawn)


def test_too_few_points(shapenet_root: Path, packed: Path) -> None:
    with pytest.raises(DataError, match='128 points, expected at least 129'):
        BatchedShapeNet55(str(shapenet_root), str(packed), min_points=129)


def test_points_are_not_read_twice(shapenet_root: Path, packed: Path) -> None:
    with pytest.raises(ValueError, match='LoadPoints'):
        ShapeNet55(str(shapenet_root), packed_file=str(packed), pipeline=[{'type': 'LoadPoints'}])


def test_a_shape_that_was_not_packed(shapenet_root: Path) -> None:
    path = shapenet_root / 'few'
    pack_clouds(path, source_files(shapenet_root)[:7])
    with pytest.raises(DataError, match=r"few' lacks 2 of 3 .*02691156"):
        ShapeNet55(str(shapenet_root), 'test', packed_file=str(path))


def test_bad_sources_are_all_named_and_nothing_is_left_out(shapenet_root: Path) -> None:
    files = source_files(shapenet_root)
    np.save(files[2], np.zeros((100, 3), np.float32))
    np.save(files[5], np.full((128, 3), np.nan, np.float32))
    good = files[7].read_bytes()
    files[7].write_bytes(b'')
    path = shapenet_root / 'packed'
    with pytest.raises(DataError) as error:
        pack_clouds(path, files)
    assert [file.name in str(error.value) for file in files] == [i in (2, 5, 7) for i in range(9)]
    assert not path.exists()
    files[7].write_bytes(good)
    np.save(files[2], np.load(files[0]))
    np.save(files[5], np.zeros((128, 3), np.float32))
    with pytest.raises(DataError, match=rf'{files[5].name}.* of which 1 differ .* at least 32'):
        pack_clouds(path, files)
    np.save(files[5], np.arange(384).reshape(128, 3))
    assert pack_clouds(path, files)
    assert (open_store(path, PACKED)['clouds'][5, 1] == [3, 4, 5]).all()


def test_a_source_that_changed_is_noticed(shapenet_root: Path, packed: Path) -> None:
    files = source_files(shapenet_root)
    np.save(files[4], np.zeros((128, 3), np.float32))
    with pytest.raises(DataError, match=files[4].name):
        pack_clouds(packed, files)
    with pytest.raises(DataError, match=r'made with a different arrays\.clouds'):
        pack_clouds(packed, files[:8])


def test_clouds_that_changed_after_they_were_packed(shapenet_root: Path, packed: Path) -> None:
    cloud = source_files(shapenet_root)[3]
    before = cloud.stat()
    arguments: dict[str, Any] = dict(packed_file=str(packed), ann_files=LISTS)
    arguments['data_root'] = str(shapenet_root)
    ShapeNet55(**arguments)
    os.utime(cloud, ns=(0, 0))
    for dataset in (ShapeNet55, BatchedShapeNet55):
        with pytest.raises(DataError, match=r"shapenet_packed' was made .*pack_shapenet55\.py"):
            dataset(**arguments)
    pack_clouds(packed, source_files(shapenet_root))  # compares, and takes note
    ShapeNet55(**arguments)
    os.utime(cloud, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(DataError, match='times of change differ'):
        ShapeNet55(**arguments)
    cloud.unlink()  # not all are there: nothing to compare
    ShapeNet55(**arguments)


def test_images_that_changed_after_features_were_stored(shapenet_root: Path, packed: Path) -> None:
    ids = [file.stem for file in source_files(shapenet_root)]
    images = [shapenet_root / 'shapenet_img' / f'{name}.png' for name in ids]
    cache = dict(path=str(shapenet_root / 'features'))
    digest, _ = fingerprint(images)
    store_features(Path(cache['path']), np.ones((9, 1, 2), np.float16), ids, images=digest)
    pipeline = [dict(type='LoadPoints'), dict(type='LoadTeacherFeatures', **cache)]
    ShapeNet55(str(shapenet_root), pipeline=pipeline)
    BatchedShapeNet55(str(shapenet_root), str(packed), teacher_features=cache)
    images[4].write_bytes(images[4].read_bytes() + b' ')
    with pytest.raises(DataError, match=r"features' was made .*shapenet_img.*cache_teacher"):
        ShapeNet55(str(shapenet_root), pipeline=pipeline)
    with pytest.raises(DataError, match='sizes or times of change differ'):
        BatchedShapeNet55(str(shapenet_root), str(packed), teacher_features=cache)
    (shapenet_root / 'shapenet_img').rename(shapenet_root / 'gone')
    ShapeNet55(str(shapenet_root), pipeline=pipeline)


def test_chunks(shapenet_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, 'CHUNK', 2)
    files, counts = source_files(shapenet_root), {'pack': 0, 'compare': 0}

    def count(stage: str, number: int) -> None:
        counts[stage] += number

    assert pack_clouds(shapenet_root / 'x', files, progress=count)
    assert counts == {'pack': 9, 'compare': 9}
    with pytest.raises(DataError, match='lists are empty'):
        pack_clouds(shapenet_root / 'y', [])


KILLED = """
import os, signal, sys
from pathlib import Path
from typing import Any
from recon_mm.datasets import packing
from recon_mm.datasets.storage import ResumableWriter
packing.CHUNK = 2
write, calls = ResumableWriter.write, []
def kill_third(self, index, values):
    write(self, index, values)
    calls.append(0)
    if len(calls) == 3:
        self.array[7] = 5
        os.kill(os.getpid(), signal.SIGKILL)
ResumableWriter.write = kill_third
packing.pack_clouds(Path(sys.argv[1]), [Path(file) for file in sys.argv[2:]])
"""


def test_tool_goes_on_after_a_kill(shapenet_root: Path) -> None:
    environment = {**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'}
    folder, files = shapenet_root / 'shapenet_packed', source_files(shapenet_root)
    script = [sys.executable, '-c', KILLED, str(folder), *map(str, files)]
    killed = subprocess.run(script, env=environment, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not folder.exists()
    finished = np.load(f'{folder}.partial/finished.npy')
    assert finished.tolist() == [True] * 6 + [False] * 3
    # Rows that are there are not copied again, but they are compared.
    array = np.load(f'{folder}.partial/clouds.npy', mmap_mode='r+')
    array[1, 0] += 1
    array.flush()

    command = [sys.executable, str(TOOL), str(shapenet_root)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 1
    assert f"{files[1].name}' holds other points than its row 1" in run.stderr
    array[1] = np.load(files[1])
    array.flush()
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert 'equal to the sources' in run.stdout
    for row, file in enumerate(files):
        assert np.array_equal(open_store(folder, PACKED)['clouds'][row], np.load(file))
    assert not list(shapenet_root.glob('*.partial'))


def test_tool_reports_bad_data_without_a_traceback(tmp_path: Path) -> None:
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    command = [sys.executable, str(TOOL), str(tmp_path / 'nowhere')]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert run.returncode == 1
    assert 'nowhere' in run.stderr
    assert 'Traceback' not in run.stderr
