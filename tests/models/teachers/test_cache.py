import json
import pickle

import numpy as np
import pytest

from recon_mm.models.teachers.cache import FEATURES, FINISHED, META, TeacherFeatureCache
from recon_mm.models.teachers.cache_writer import (
    TeacherFeatureWriter,
    bytes_needed,
    check_space,
)

IDS = ['chair-1', 'chair-2', 'table-1']


def make_meta(**changes) -> dict:
    meta = {
        'teacher': {'type': 'TimmImageTeacher', 'model_name': 'vit_tiny', 'weights': 'untrained'},
        'augmentation': [{'type': 'LoadImage'}, {'type': 'Flip', 'prob': 0.5}],
        'sample_ids': IDS,
        'num_views': 2,
        'feature_dims': 4,
        'dtype': 'float16',
        'seed': 0,
    }
    return {**meta, **changes}


@pytest.fixture
def features() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3, 2, 4)).astype(np.float16)


@pytest.fixture
def cache_dir(tmp_path, features):
    writer = TeacherFeatureWriter(tmp_path / 'cache', make_meta())
    assert not writer.resumed
    rows, views = np.divmod(np.arange(6), 2)
    writer.write(rows, views, features.reshape(6, 4).astype(np.float32))
    return tmp_path / 'cache'


def test_read_returns_what_was_written(cache_dir, features):
    cache = TeacherFeatureCache(cache_dir)
    assert (len(cache), cache.num_views, cache.feature_dims) == (3, 2, 4)
    assert 'chair-2' in cache
    assert 'chair-9' not in cache
    for row, sample_id in enumerate(IDS):
        for view in range(2):
            read = cache.read(sample_id, view)
            assert read.dtype == np.float16
            np.testing.assert_array_equal(read, features[row, view])


def test_read_after_pickling_as_worker_processes_do(cache_dir, features):
    cache = TeacherFeatureCache(cache_dir)
    cache.read('chair-1', 0)
    dump = pickle.dumps(cache)
    np.testing.assert_array_equal(pickle.loads(dump).read('table-1', 1), features[2, 1])


def test_read_refuses_unknown_sample_and_view(cache_dir):
    cache = TeacherFeatureCache(cache_dir)
    with pytest.raises(KeyError, match="no features of sample 'lamp-1'"):
        cache.read('lamp-1', 0)
    with pytest.raises(IndexError, match='view 2 asked for, views 0 to 1'):
        cache.read('chair-1', 2)


def test_expectations_that_hold(cache_dir):
    TeacherFeatureCache(
        cache_dir,
        expect={
            'teacher': {'model_name': 'vit_tiny'},
            'augmentation': [{'type': 'LoadImage'}, {'prob': 0.5, 'type': 'Flip'}],
            'feature_dims': 4,
        },
    )


@pytest.mark.parametrize(
    ('expect', 'named'),
    [
        ({'teacher': {'weights': 'openai'}}, 'teacher.weights'),
        ({'augmentation': [{'type': 'LoadImage'}]}, 'augmentation'),
        ({'feature_dims': 768}, 'feature_dims'),
    ],
)
def test_another_origin_is_refused(cache_dir, expect, named):
    with pytest.raises(ValueError, match=f'made with another {named}:'):
        TeacherFeatureCache(cache_dir, expect=expect)


def test_missing_incomplete_and_damaged(tmp_path, features):
    with pytest.raises(FileNotFoundError, match='no teacher features here'):
        TeacherFeatureCache(tmp_path / 'nothing')

    path = tmp_path / 'cache'
    writer = TeacherFeatureWriter(path, make_meta())
    writer.write(np.array([0]), np.array([1]), features[0, 1:])
    with pytest.raises(ValueError, match='5 of 6 features are not computed yet'):
        TeacherFeatureCache(path)

    whole = (path / FEATURES).read_bytes()
    (path / FEATURES).write_bytes(whole[:-3])
    with pytest.raises(ValueError, match='missing or cut off'):
        TeacherFeatureCache(path)
    np.save(path / FEATURES, np.zeros((3, 2, 5), np.float16))
    with pytest.raises(ValueError, match=r'holds float16 \(3, 2, 5\).*says float16 \(3, 2, 4\)'):
        TeacherFeatureCache(path)

    (path / META).write_text('{"format":')
    with pytest.raises(ValueError, match='is damaged'):
        TeacherFeatureCache(path)
    (path / META).write_text(json.dumps({'format': 99}))
    with pytest.raises(ValueError, match='format 99'):
        TeacherFeatureCache(path)


def test_writer_continues_an_interrupted_cache(tmp_path, features):
    first = TeacherFeatureWriter(tmp_path, make_meta())
    first.write(np.array([0, 2]), np.array([1, 0]), features[[0, 2], [1, 0]])
    second = TeacherFeatureWriter(tmp_path, make_meta())
    assert second.resumed
    assert second.finished.tolist() == [[False, True], [False, False], [True, False]]
    rows, views = np.nonzero(~second.finished)
    second.write(rows, views, features[rows, views])
    np.testing.assert_array_equal(np.load(tmp_path / FEATURES), features)
    assert np.load(tmp_path / FINISHED).all()


def test_writer_refuses_a_cache_of_something_else(cache_dir):
    with pytest.raises(ValueError, match='made with another seed'):
        TeacherFeatureWriter(cache_dir, make_meta(seed=1))


def test_writer_refuses_bad_input(tmp_path):
    with pytest.raises(ValueError, match="'chair-1' occurs more than once"):
        TeacherFeatureWriter(tmp_path, make_meta(sample_ids=['chair-1', 'chair-1']))
    with pytest.raises(ValueError, match="dtype is 'int8'"):
        TeacherFeatureWriter(tmp_path, make_meta(dtype='int8'))
    writer = TeacherFeatureWriter(tmp_path, make_meta())
    too_large = np.full((1, 4), 1e6, np.float32)
    with pytest.raises(ValueError, match="sample 'chair-2' is not finite as float16"):
        writer.write(np.array([1]), np.array([0]), too_large)
    assert not TeacherFeatureWriter(tmp_path, make_meta()).finished.any()


def test_space(tmp_path):
    assert bytes_needed(10, 4, 768, 'float16') == 10 * 4 * (768 * 2 + 1)
    check_space(tmp_path / 'a' / 'b', 10)
    with pytest.raises(OSError, match='GB free'):
        check_space(tmp_path / 'a' / 'b', 10**18)
