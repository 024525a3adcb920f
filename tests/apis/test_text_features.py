"""Features of sentences, computed once: each different sentence once, resumed, given, refused."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

from recon_mm.apis.feature_store import Target
from recon_mm.apis.text_features import (
    compute_text_features,
    read_feature_table,
    sentences_fingerprint,
    store_table_features,
)
from recon_mm.datasets import DataError
from recon_mm.datasets.storage import FEATURES, Shard, join_shards, open_store
from recon_mm.datasets.transforms import LoadTeacherFeatures
from recon_mm.models.teachers.prompts import sentences
from recon_mm.registry import MODELS
from tests.apis import drawn_images  # noqa: F401  # registers its data set


@MODELS.register_module()
class LengthTeacher:
    """Stands for a text network: the length of a sentence, and its first letter."""

    feature_dims = 2
    batches: list[list[str]] = []

    def __init__(self, fail_at: int | None = None) -> None:
        self.fail_at = fail_at

    def describe(self) -> dict:
        return {'type': 'LengthTeacher'}

    def sentence_encoder(self, device):
        def encode(texts):
            if len(self.batches) == self.fail_at:
                raise KeyboardInterrupt
            self.batches.append(list(texts))
            return torch.tensor([[len(text), ord(text[0])] for text in texts]).float()

        return encode


@pytest.fixture
def cfg() -> Config:
    LengthTeacher.batches.clear()
    dataset = dict(type='DrawnCategories', pipeline=[dict(type='LoadPointsThatAreNotThere')])
    return Config(
        dict(
            default_scope='recon_mm',
            model=dict(type='ReCon'),
            train_dataloader=dict(dataset=dataset),
            stored_features=dict(text=dict(teacher=dict(type='LengthTeacher'))),
        )
    )


@pytest.fixture
def sentences_file(tmp_path: Path) -> Path:
    path = tmp_path / 'sentences.json'
    texts = {'s0': ['a chair', 'a red chair', 'one'], 's1': ['a mug'], 's2': ['a chair', 'b']}
    path.write_text(json.dumps({**texts, 'of another split': ['x']}))
    return path


def test_every_sample_gets_its_sentences(cfg, sentences_file, tmp_path) -> None:
    compute_text_features(cfg, Target(tmp_path / 'text'), sentences_file=sentences_file)
    store = open_store(
        tmp_path / 'text', FEATURES, {'sentences': sentences_fingerprint(cfg, sentences_file)}
    )
    assert store.header.sample_ids == ['s0', 's1', 's2']
    assert store.header.made_from['teacher'] == {'type': 'LengthTeacher'}
    assert store.header.made_from['trained'] is True
    # A sample with fewer sentences than others has them repeated.
    assert store['features'][:, :, 0].tolist() == [[7, 11, 3], [5, 5, 5], [7, 1, 7]]
    # Each different sentence is encoded once.
    assert LengthTeacher.batches == [['a chair', 'a red chair', 'one', 'a mug', 'b']]
    read = LoadTeacherFeatures(str(tmp_path / 'text'), view=1, key='text_features')
    assert read({'sample_id': 's2'})['text_features'].tolist() == [1, ord('b')]


def test_stopped_and_continued(cfg, sentences_file, tmp_path, capsys) -> None:
    target = Target(tmp_path / 'text')
    cfg.stored_features.text.teacher.fail_at = 2
    with pytest.raises(KeyboardInterrupt):
        compute_text_features(cfg, target, sentences_file=sentences_file, batch_size=2)
    done = list(LengthTeacher.batches)
    cfg.stored_features.text.teacher.fail_at = None
    compute_text_features(cfg, target, sentences_file=sentences_file, batch_size=2)
    assert 'continues     8 of 9 are done' in capsys.readouterr().out
    assert [*done, ['b']] == LengthTeacher.batches
    features = open_store(tmp_path / 'text', FEATURES)['features']
    assert features[:, :, 0].tolist() == [[7, 11, 3], [5, 5, 5], [7, 1, 7]]


@pytest.mark.parametrize('count', [2, 5])  # of three samples: some parts are empty
def test_shards_are_joined(cfg, sentences_file, tmp_path, count: int) -> None:
    for index in range(1, count + 1):
        target = Target(tmp_path / 'text', shard=Shard(index, count))
        with pytest.raises(DataError, match=r'lacks \d of \d parts|is no part'):
            join_shards(tmp_path / 'text', FEATURES)
        compute_text_features(
            cfg, target, sentences_file=sentences_file, num_sentences=2, batch_size=1
        )
    join_shards(tmp_path / 'text', FEATURES)
    store = open_store(tmp_path / 'text', FEATURES)
    assert store.header.sample_ids == ['s0', 's1', 's2']
    assert store['features'][:, :, 0].tolist() == [[7, 11], [5, 5], [7, 1]]


def test_parts_of_different_sentences_are_not_joined(cfg, sentences_file, tmp_path) -> None:
    for index in (1, 2):
        target = Target(tmp_path / 'text', shard=Shard(index, 2))
        compute_text_features(cfg, target, sentences_file=sentences_file)
        sentences_file.write_text(sentences_file.read_text().replace('mug', 'cup'))
    with pytest.raises(DataError, match='made with a different sentences'):
        join_shards(tmp_path / 'text', FEATURES)


def test_other_sentences_are_noticed(cfg, sentences_file, tmp_path) -> None:
    compute_text_features(cfg, Target(tmp_path / 'text'), sentences_file=sentences_file)
    sentences_file.write_text(sentences_file.read_text().replace('mug', 'cup'))
    with pytest.raises(DataError, match='made with a different sentences'):
        compute_text_features(cfg, Target(tmp_path / 'text'), sentences_file=sentences_file)


def test_without_a_file_the_papers_sentences_of_the_category(cfg, tmp_path) -> None:
    compute_text_features(cfg, Target(tmp_path / 'text'))
    expected = [len(text) for text in sentences('mug')]
    features = open_store(tmp_path / 'text', FEATURES)['features']
    assert features.shape == (3, 60, 2)
    assert features[1, :, 0].tolist() == expected


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('[1]', "'None' for sample 's0'"),
        ('{"s0": []}', r"'\[\]' for sample 's0'"),
        ('{"s0": ["a"], "s1": ["  "], "s2": ["b"]}', "for sample 's1'"),
        ('{"s0": "a chair"}', "'a chair' for sample 's0'"),
        ('{', 'cannot be read'),
    ],
)
def test_bad_sentences(cfg, tmp_path, content: str, message: str) -> None:
    (tmp_path / 'sentences.json').write_text(content)
    with pytest.raises(DataError, match=message):
        compute_text_features(
            cfg, Target(tmp_path / 'text'), sentences_file=tmp_path / 'sentences.json'
        )


def test_a_teacher_that_encodes_no_sentences(cfg, tmp_path) -> None:
    cfg.stored_features.text.teacher = dict(type='CachedTeacher', feature_dims=4)
    with pytest.raises(ValueError, match='expected one that encodes sentences'):
        compute_text_features(cfg, Target(tmp_path / 'text'))


def test_features_of_a_table(cfg, tmp_path) -> None:
    names, features = np.array(['Chair', 'mug']), np.array([[1.0, 2.0], [3.0, 4.0]])
    np.savez(tmp_path / 'table.npz', names=names, features=features)
    file, keys = tmp_path / 'table.npz', ('names', 'features')
    store_table_features(cfg, Target(tmp_path / 'text'), file, keys, scale=10.0)
    store = open_store(tmp_path / 'text', FEATURES, {'teacher': {'type': 'table', 'scale': 10.0}})
    assert store['features'].tolist() == [[[10, 20]], [[30, 40]], [[10, 20]]]
    np.savez(file, names=names[:1], features=features[:1])
    with pytest.raises(DataError, match=r'lacks 1 categories of the training set \(mug\)'):
        store_table_features(cfg, Target(tmp_path / 'text'), file, keys)


@pytest.mark.parametrize(
    'arrays',
    [
        {'names': np.array(['a']), 'vectors': np.ones((1, 2))},
        {'names': np.array(['a']), 'features': np.ones((2, 2))},
        {'names': np.array([1]), 'features': np.ones((1, 2))},
        {'names': np.array(['a']), 'features': np.full((1, 2), np.nan)},
        {'names': np.array(['a'], object), 'features': np.ones((1, 2))},
    ],
)
def test_bad_tables(tmp_path, arrays: dict) -> None:
    np.savez(tmp_path / 'table.npz', **arrays)
    with pytest.raises(DataError, match=r"expected an \.npz file with 'names' \(C,\) of text"):
        read_feature_table(tmp_path / 'table.npz', 'names', 'features')


def test_the_given_features_of_clip(shared_data) -> None:
    keys = 'shapenet55_classes', 'shapenet55_text'
    names, features = read_feature_table(shared_data / 'real/clip_vitb32_text.npz', *keys)
    assert features.shape == (55, 512)
    np.testing.assert_allclose(np.linalg.norm(features, axis=1), 1, atol=1e-3)
    chair, sofa, car = (features[names.index(name)] for name in ('chair', 'sofa', 'car'))
    assert chair @ sofa > chair @ car
