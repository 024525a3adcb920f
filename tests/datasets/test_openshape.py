"""OpenShape's set and its zero-shot tests, on demo data and on files that are wrong."""

import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from demo.layouts.openshape import NAMES, direction
from recon_mm.datasets import DataError, OpenShape, OpenShapeZeroShot
from recon_mm.datasets.transforms import LoadOpenShape
from recon_mm.evaluation import ZeroShotAccuracy


def content(**changes) -> dict:
    """A shape as OpenShape writes it, features of two numbers that say what they are."""
    both = {'original': np.array([[1.0, 0]]), 'prompt_avg': np.array([[2.0, 0]])}
    shape = {
        'xyz': np.random.default_rng(0).normal(size=(40, 3)),
        'rgb': np.full((40, 3), 0.25),
        'image_feat': np.array([[3.0, i] for i in range(12)]),
        'thumbnail_feat': np.array([4.0, 0]),
        'text': ['title', 'other'],
        'text_feat': [both, {**both, 'prompt_avg': np.array([[2.0, 1]])}],
        'blip_caption': 'b',
        'blip_caption_feat': {'prompt_avg': np.array([[5.0, 0]])},
        'msft_caption': 'm',
        'msft_caption_feat': {'prompt_avg': np.array([[6.0, 0]])},
        'retrieval_text': ['r'],
        'retrieval_text_feat': [both],
    }
    return {**shape, **changes}


def load(path: Path, shape: object, step: LoadOpenShape | None = None, **info) -> dict:
    array = np.empty((), dtype=object)
    array[()] = shape
    np.save(path, array, allow_pickle=True)
    step = step or LoadOpenShape(feature_dims=2)
    return step.transform({'points_path': str(path), 'dataset': 'Objaverse', **info})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / 'a.npy'


def test_points_and_rows_of_an_objaverse_shape(file) -> None:
    sample = load(file, content())
    assert sample['points'].shape == (40, 6) and sample['points'].dtype == np.float32
    assert np.all(sample['points'][:, 3:] == 0.25)
    assert sample['image_features'].shape == (13, 2)
    assert sample['image_features'][0].tolist() == [4, 0]
    title, caption, retrieved = sample['text_features'].tolist()
    assert title == [2, 0] and caption[0] in (5, 6) and retrieved == [1, 0]
    plain = load(file, content(), LoadOpenShape(feature_dims=2, colors=False))
    assert plain['points'].shape == (40, 3)


def test_what_is_missing_is_a_row_of_zeros(file) -> None:
    shape = content(blip_caption='', msft_caption='', retrieval_text=[])
    shape.pop('thumbnail_feat')
    sample = load(file, shape, flag='N')
    assert sample['image_features'][-1].tolist() == [0, 0]
    assert not sample['text_features'].any()


def test_texts_of_other_sources_are_drawn(file) -> None:
    titles = {load(file, content(), dataset='ABO')['text_features'][0][1] for _ in range(30)}
    assert titles == {0, 1}
    one = LoadOpenShape(image_rows=1, text_rows=1, feature_dims=2)
    drawn = [load(file, content(), one) for _ in range(30)]
    assert len({sample['image_features'][0, 1] for sample in drawn}) > 5
    assert {sample['text_features'].shape for sample in drawn} == {(1, 2)}


@pytest.mark.parametrize(
    ('shape', 'message'),
    [
        (content(rgb=np.full((40, 3), 200.0)), 'rgb'),
        (content(xyz=np.full((40, 3), np.nan)), 'NaN'),
        (content(image_feat=np.zeros((12, 3))), 'features of'),
        ({'xyz': np.zeros((3, 3))}, 'copy it again|Copy it again|differ'),
        ([1, 2], 'not as OpenShape writes'),
        (content(text_feat=None), 'not as OpenShape writes'),
    ],
)
def test_wrong_shapes_are_named(file, shape, message) -> None:
    with pytest.raises(DataError, match=message) as error:
        load(file, shape)
    assert 'a.npy' in str(error.value)


class Attack:
    def __reduce__(self):
        return print, ('executed',)


def test_code_in_a_file_is_not_run(file, capsys) -> None:
    with pytest.raises(DataError, match=r'a\.npy.*refused'):
        load(file, content(text=[Attack()]))
    assert capsys.readouterr().out == ''
    assert pickle.dumps(Attack())


def test_list_of_the_demo_set(demo_data) -> None:
    dataset = OpenShape(str(demo_data / 'OpenShape'), pipeline=[LoadOpenShape()])
    assert len(dataset) == len(NAMES)
    sample = dataset[0]
    assert sample['dataset'] == 'Objaverse' and sample['flag'] == 'Y'
    assert sample['points'].shape == (10000, 6)


def test_a_list_cannot_lead_out_of_the_folder(tmp_path) -> None:
    meta = tmp_path / 'meta_data'
    (meta / 'split').mkdir(parents=True)
    (meta / 'gpt4_filtering.json').write_text('{}')
    for records in ([{'dataset': '..', 'group': 'a', 'id': 'b'}], [{'id': 'b'}], [3]):
        (meta / 'split/train_all.json').write_text(json.dumps(records))
        with pytest.raises(DataError, match=r'train_all\.json'):
            OpenShape(str(tmp_path))


@pytest.mark.parametrize(
    ('benchmark', 'classes'), [('modelnet40', 40), ('lvis', 6), ('scanobjectnn', 15)]
)
def test_zero_shot_sets(demo_data, benchmark, classes) -> None:
    dataset = OpenShapeZeroShot(str(demo_data / 'OpenShape'), benchmark)
    meta = dataset.metainfo
    assert len(dataset) == len(NAMES)
    assert meta['class_features'].shape == (classes, 1280)
    for i in range(len(dataset)):
        sample = dataset[i]
        assert sample['points'].shape[1] == 6
        name = meta['classes'][sample['category']]
        assert np.allclose(meta['class_features'][sample['category']], direction(name))
    metric = ZeroShotAccuracy()
    metric.dataset_meta = meta
    samples = [dataset[i] for i in range(len(dataset))]
    data = [
        dict(
            zeroshot_feature=torch.from_numpy(direction(meta['classes'][s['category']])),
            gt_label=torch.tensor([s['category']]),
            split='test',
        )
        for s in samples
    ]
    metric.process({}, data)
    assert metric.evaluate(len(data))['zeroshot/test_top1'] == 100


def test_wrong_files_of_the_tests_are_named(demo_data, tmp_path) -> None:
    root = tmp_path / 'OpenShape'
    shutil.copytree(demo_data / 'OpenShape/meta_data', root / 'meta_data')
    np.save(root / 'meta_data/lvis_cat_name_pt_feat.npy', np.zeros((5, 1280), np.float32))
    with pytest.raises(DataError, match='expected a finite row for each of 6 classes'):
        OpenShapeZeroShot(str(root), 'lvis').full_init()
    records = json.loads((root / 'meta_data/split/lvis.json').read_text())
    records[0]['data_path'] = '/mnt/data/../../etc/passwd'
    (root / 'meta_data/split/lvis.json').write_text(json.dumps(records))
    with pytest.raises(DataError, match=r"names '\.\.'"):
        OpenShapeZeroShot(str(root), 'lvis').full_init()
    (root / 'meta_data/modelnet40/test_split.json').write_text('[]')
    with pytest.raises(DataError, match='6 clouds, and 0 in the list'):
        OpenShapeZeroShot(str(root), 'modelnet40').full_init()
    with pytest.raises(ValueError, match='expected one of'):
        OpenShapeZeroShot(str(root), 'shapenet')
