"""A store is read as it was written; anything else is a DataError that names a file."""

import contextlib
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recon_mm.datasets import DataError
from recon_mm.datasets.storage import FEATURES, PACKED, SENTENCES, ArrayStore, open_store
from tests.stores import store_features

IDS = ['chair-1', 'chair-2', 'table-1']
MADE_FROM = {
    'teacher': {'type': 'TimmImageTeacher', 'model_name': 'vit_tiny', 'weights': 'untrained'},
    'augmentation': [{'type': 'LoadImage'}, {'type': 'Flip', 'prob': 0.5}],
    'feature_dims': 4,
}


@pytest.fixture
def features() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3, 2, 4)).astype(np.float16)


@pytest.fixture
def folder(tmp_path: Path, features: np.ndarray) -> Path:
    store_features(tmp_path / 'store', features, IDS, **MADE_FROM)
    return tmp_path / 'store'


def test_reads_what_was_written(folder: Path, features: np.ndarray) -> None:
    store = open_store(folder, FEATURES)
    assert sorted(path.name for path in folder.iterdir()) == ['features.npy', 'header.json']
    np.testing.assert_array_equal(np.load(folder / 'features.npy'), features)
    np.testing.assert_array_equal(store['features'], features)
    assert store.rows(['table-1', 'chair-1']).tolist() == [2, 0]
    rows, views = np.array([2, 0]), np.array([1, 0])
    np.testing.assert_array_equal(store.read('features', (rows, views)), features[rows, views])
    assert store.header.made_from == MADE_FROM
    view = store.read('features', 1)
    assert not view.flags.owndata
    assert not view.flags.writeable


def test_maps_do_not_travel_to_another_process(folder: Path, features: np.ndarray) -> None:
    store = open_store(folder, FEATURES)
    dump = pickle.dumps(store)
    store.read('features', 0)
    assert pickle.dumps(store) == dump
    np.testing.assert_array_equal(pickle.loads(dump).read('features', 2), features[2])


def test_expectations_that_hold(folder: Path) -> None:
    flip = {'prob': 0.5, 'type': 'Flip'}
    expect = {'augmentation': [{'type': 'LoadImage'}, flip], 'feature_dims': 4}
    open_store(folder, FEATURES, {**expect, 'teacher': {'model_name': 'vit_tiny'}})


@pytest.mark.parametrize(
    ('expect', 'named'),
    [
        ({'teacher': {'weights': 'openai'}}, 'teacher.weights'),
        ({'augmentation': [{'type': 'LoadImage'}]}, 'augmentation'),
        ({'feature_dims': 768}, 'feature_dims'),
        ({'seed': 0}, 'seed'),
    ],
)
def test_another_origin_is_refused(folder: Path, expect: dict, named: str) -> None:
    with pytest.raises(DataError, match=f"store' was made with a different {named}:"):
        open_store(folder, FEATURES, expect)


def test_another_kind_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"header\.json.*'teacher features'.*'sentences'"):
        open_store(folder, SENTENCES)
    with pytest.raises(DataError, match=r"no packed clouds in '.*nothing'.*pack_shapenet55\.py"):
        open_store(tmp_path / 'nothing', PACKED)


def test_values_are_checked_when_they_are_read(folder: Path) -> None:
    array = np.load(folder / 'features.npy', mmap_mode='r+')
    array[1, 1, 2] = np.nan
    array.flush()
    store = open_store(folder, FEATURES)
    assert np.isfinite(store.read('features', (np.array([0, 1]), np.array([1, 0])))).all()
    with pytest.raises(
        DataError, match=r'features\.npy.*holds NaN, infinite or too large values at \[1\]'
    ):
        store.read('features', 1)


def edit_header(folder: Path, edit: Any) -> None:
    header = json.loads((folder / 'header.json').read_text())
    edit(header)
    (folder / 'header.json').write_text(json.dumps(header))


@pytest.mark.parametrize(
    'edit',
    [
        lambda h: h.update(format=1),
        lambda h: h.pop('kind'),
        lambda h: h.update(arrays=[]),
        lambda h: h.update(arrays={}),
        lambda h: h['arrays'].update({'../../x': h['arrays'].pop('features')}),
        lambda h: h['arrays']['features'].update(shape=[3, 2]),
        lambda h: h['arrays']['features'].update(shape=[3, 2, 5]),
        lambda h: h['arrays']['features'].update(shape=[3, 2, 4.0]),
        lambda h: h['arrays']['features'].update(shape=[3, 2, -4]),
        lambda h: h['arrays']['features'].update(shape=[3, True, 4]),
        lambda h: h['arrays']['features'].update(shape='324'),
        lambda h: h['arrays']['features'].update(dtype='object'),
        lambda h: h['arrays']['features'].update(dtype='float32'),
        lambda h: h['arrays']['features'].update(dtype=['float16']),
        lambda h: h.update(sample_ids=IDS[:2]),
        lambda h: h.update(sample_ids=['a', 'a', 'b']),
        lambda h: h.update(sample_ids=[1, 2, 3]),
        lambda h: h.update(sample_ids=7),
        lambda h: h.update(made_from=None),
    ],
)
def test_headers_are_checked(folder: Path, edit: Any) -> None:
    edit_header(folder, edit)
    with pytest.raises(DataError, match=r'store/(header\.json|features\.npy).*compute them'):
        open_store(folder, FEATURES)


@pytest.mark.parametrize(
    'content',
    [
        b'',
        b'\x93NUMPY\x01\x00',
        b'PK\x03\x04' + bytes(100),
        b'\x93NUMPY\x01\x00\x76\x00' + b'{' * 118,
        b'\x93NUMPY\x01\x00\x76\x00' + b'(' * 118,
        b'\x93NUMPY\x01\x00\x76\x00' + b'"\n'.ljust(118),
        b"\x93NUMPY\x01\x00\x76\x00{'descr': '|O', 'fortran_order': False, 'shape': (3, 2, 4)}",
        b'\x80\x04\x95' + bytes(20),
        b'\x93NUMPY\x02\x00\xff\xff\xff\xff{}',
    ],
)
@pytest.mark.parametrize('name', ['features.npy', 'header.json'])
def test_damaged_files_are_named(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        open_store(folder, FEATURES)


@pytest.mark.parametrize('text', ['[' * 100_000, '{"a":' * 100_000, '[]', '7', '1' * 5000, '\x00'])
def test_damaged_json_is_named(folder: Path, text: str) -> None:
    (folder / 'header.json').write_text(text)
    with pytest.raises(DataError, match=r'header\.json'):
        open_store(folder, FEATURES)


@pytest.mark.filterwarnings('ignore::DeprecationWarning')
def test_any_flipped_bytes_are_read_or_refused(folder: Path, features: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    for name in ('features.npy', 'header.json'):
        whole = (folder / name).read_bytes()
        for _ in range(150):
            damaged = np.frombuffer(whole, np.uint8).copy()
            place = rng.integers(min(len(damaged), 200), size=rng.integers(1, 8))
            damaged[place] = rng.integers(256, size=len(place))
            (folder / name).write_bytes(damaged[: rng.integers(1, 2 * len(damaged))].tobytes())
            with contextlib.suppress(DataError):  # and nothing else
                assert open_store(folder, FEATURES).read('features', 0).shape == (2, 4)
        (folder / name).write_bytes(whole)


@pytest.mark.filterwarnings('ignore:overflow')
def test_nothing_is_allocated_for_an_absurd_shape(folder: Path) -> None:
    shape = [3, 2**40, 2**40]
    edit_header(folder, lambda header: header['arrays']['features'].update(shape=shape))
    with open(folder / 'features.npy', 'r+b') as file:
        np.lib.format.write_array_header_1_0(
            file, {'descr': '<f2', 'fortran_order': False, 'shape': tuple(shape)}
        )
    with pytest.raises(DataError, match=r'features\.npy.*cannot be mapped'):
        open_store(folder, FEATURES)


def test_files_of_two_stores_are_refused(folder: Path, tmp_path: Path) -> None:
    store_features(tmp_path / 'other', np.ones((3, 2, 5), np.float16), IDS)
    shutil.copy(tmp_path / 'other' / 'features.npy', folder)
    message = r'features\.npy.*holds float16 \(3, 2, 5\)\), expected .*float16 \(3, 2, 4\)'
    with pytest.raises(DataError, match=message):
        open_store(folder, FEATURES)
    np.save(folder / 'features.npy', np.asfortranarray(np.ones((3, 2, 4), np.float16)))
    with pytest.raises(DataError, match=r'features\.npy'):
        open_store(folder, FEATURES)


class TestOlderFormats:
    """What tools of earlier versions wrote is read; its values are looked through."""

    @pytest.fixture
    def packed(self, tmp_path: Path) -> tuple[Path, np.ndarray]:
        clouds = np.random.default_rng(0).normal(size=(3, 8, 3)).astype(np.float32)
        np.save(tmp_path / 'shapenet_pc.npy', clouds)
        meta = {'format': 1, 'num_points': 8, 'sample_ids': IDS}
        (tmp_path / 'shapenet_pc.json').write_text(json.dumps(meta))
        return tmp_path / 'shapenet_pc.npy', clouds

    @pytest.fixture
    def cache(self, tmp_path: Path, features: np.ndarray) -> Path:
        meta = {**MADE_FROM, 'format': 1, 'sample_ids': IDS, 'num_views': 2, 'dtype': 'float16'}
        folder = tmp_path / 'cache'
        folder.mkdir()
        (folder / 'cache.json').write_text(json.dumps(meta))
        np.save(folder / 'features.npy', features)
        np.save(folder / 'finished.npy', np.ones((3, 2), bool))
        return folder

    def test_packed(self, packed: tuple[Path, np.ndarray]) -> None:
        path, clouds = packed
        store = open_store(path, PACKED)
        assert isinstance(store, ArrayStore)
        np.testing.assert_array_equal(store.read('clouds', store.rows(['table-1'])), clouds[2:])
        clouds[1, 0, 0] = np.inf
        np.save(path, clouds)
        with pytest.raises(DataError, match=r'shapenet_pc\.npy.*infinite'):
            open_store(path, PACKED).read('clouds', 1)

    @pytest.mark.parametrize('meta', ['{"sample_ids": 5}', '[]', '{', '{"sample_ids": ["a"]}'])
    def test_packed_without_its_list(self, packed: tuple[Path, np.ndarray], meta: str) -> None:
        packed[0].with_suffix('.json').write_text(meta)
        with pytest.raises(DataError, match=r'shapenet_pc\.json.*pack_shapenet55\.py'):
            open_store(packed[0], PACKED)

    def test_features(self, cache: Path, features: np.ndarray) -> None:
        store = open_store(cache, FEATURES, {'teacher': {'model_name': 'vit_tiny'}})
        np.testing.assert_array_equal(store.read('features', (store.rows(IDS), 1)), features[:, 1])
        with pytest.raises(DataError, match=r'a different teacher\.model_name'):
            open_store(cache, FEATURES, {'teacher': {'model_name': 'vit_base'}})

    def test_unfinished_features(self, cache: Path) -> None:
        np.save(cache / 'finished.npy', np.eye(3, 2, dtype=bool))
        with pytest.raises(DataError, match=r"cache' is not complete\. Delete it"):
            open_store(cache, FEATURES)
