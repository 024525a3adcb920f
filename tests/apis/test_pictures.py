"""Which clouds are drawn, and the errors of a wrong command line."""

import re

import numpy as np
import pytest
from mmengine.dataset import default_collate

from recon_mm.apis.pictures import (
    attention_rows,
    class_rows,
    dataset_sheet,
    load_model,
    named_clouds,
    part_rows,
    picture_parser,
    read_features,
    reconstruction_rows,
    spread_over_categories,
)
from recon_mm.datasets.shapenet_part import PART_NAMES
from recon_mm.registry import DATASETS


@pytest.fixture
def loaded(tiny_config, tmp_path):
    """Model and test set of a tiny config, as the command line gives them."""

    def load(name: str, task: str):
        tiny_config(name).dump(tmp_path / 'config.py')
        parser = picture_parser(None, 'picture.png', 2)
        arguments = [str(tmp_path / 'config.py'), 'none', '--device', 'cpu']
        cfg, model = load_model(parser.parse_args(arguments), task)
        assert cfg.model.type == type(model).__name__ and not model.training
        return model, DATASETS.build(cfg.test_dataloader.dataset)

    return load


def test_parts_of_the_named_shapes(loaded) -> None:
    model, dataset = loaded('part_segmentation_shapenetpart', 'PartSegmentor')
    rows = part_rows(model, dataset, [3, 0])
    names = [dataset.metainfo['classes'][dataset.get_cat_ids(i)[0]] for i in (3, 0)]
    assert names[0] != names[1]
    assert [row[0].title for row in rows] == [f'{name}: true' for name in names]
    sample = dataset[3]
    (true, _) = rows[0]
    assert (true.points == sample['inputs']['points'].numpy()).all()
    palette = np.array(dataset.metainfo['palette'])
    assert (true.colors == palette[sample['data_samples'].gt_part]).all()
    assert {name for name, _ in true.legend} <= set(PART_NAMES[names[0]])


def test_scenes_stand_upright(loaded) -> None:
    model, dataset = loaded('semantic_segmentation_s3dis', 'PartSegmentor')
    ((true, predicted),) = part_rows(model, dataset, [0])
    x, y, z = dataset[0]['inputs']['points'].numpy()[:, :3].T
    assert (true.points == np.stack([x, z, -y], axis=1)).all()
    assert true.title == f'{dataset.get_data_info(0)["sample_id"]}: true'
    assert {name for name, _ in true.legend} <= set(dataset.metainfo['classes'])
    assert predicted.title.startswith('predicted, IoU ')


def test_classes_of_the_named_clouds(loaded) -> None:
    model, dataset = loaded('classification_modelnet40_1k_full', 'PointClassifier')
    (row,) = class_rows(model, dataset, [3, 1])
    classes = dataset.metainfo['classes']
    for cloud, i in zip(row, (3, 1)):
        name, percent = re.fullmatch(r'(.+) (\d+) %', cloud.title).groups()
        truth = classes[dataset.get_cat_ids(i)[0]]
        assert cloud.legend[0][0] == ('correct' if name == truth else f'wrong, is {truth}')
        assert 100 / len(classes) <= int(percent) + 0.5 and name in classes
        assert len(cloud.points) == len(dataset[i]['inputs']['points'])


def test_reconstruction_of_the_named_clouds(loaded) -> None:
    model, dataset = loaded('linear_svm_modelnet40', 'ReCon')
    rows = reconstruction_rows(model, dataset, [1, 4])
    titles = [f'{dataset.get_data_info(i)["sample_id"]}: input' for i in (1, 4)]
    assert [row[0].title for row in rows] == titles
    for given, hidden, rebuilt, error in rows:
        assert len(hidden.points) < len(given.points) == 1024
        assert len(error.points) == (rebuilt.labels == 1).sum() == 9 * 8


def test_attention_of_the_named_clouds(loaded) -> None:
    model, dataset = loaded('linear_svm_modelnet40', 'ReCon')
    (row,) = attention_rows(model, dataset, [4], block=0)
    assert [cloud.title for cloud in row[1:]] == ['cls', 'image', 'text']
    assert row[0].title == dataset.get_data_info(4)['sample_id']
    assert all((cloud.points == row[0].points).all() for cloud in row)


def test_features_and_labels_of_a_loader(loaded) -> None:
    model, dataset = loaded('linear_svm_modelnet40', 'ReCon')
    batches = [default_collate([dataset[i] for i in chosen]) for chosen in ([0, 1], [2, 3])]
    features, labels = read_features(model, batches)
    assert features.shape == (4, 48)
    assert labels.tolist() == [dataset.get_data_info(i)['category'] for i in range(4)]


def test_sheet_of_a_data_set(loaded) -> None:
    _, dataset = loaded('linear_svm_modelnet40', 'ReCon')
    rows = dataset_sheet(dataset, 4)
    names = [cloud.title for row in rows for cloud in row]
    assert len(names) == 4 and len({name.partition(': ')[2] for name in names}) == 4
    ((cloud,),) = dataset_sheet(dataset, 4, [2])
    assert cloud.title.startswith('2: ')
    with pytest.raises(ValueError, match='the set has'):
        dataset_sheet(dataset, 4, [10_000])


def test_a_config_for_a_different_task_is_refused(loaded) -> None:
    with pytest.raises(SystemExit, match='is for a ReCon, this tool draws a PartSegmentor'):
        loaded('linear_svm_modelnet40', 'PartSegmentor')


def test_clouds_are_named_by_their_number() -> None:
    parser = picture_parser(None, 'parts.png', 2)
    assert named_clouds(parser.parse_args(['c', 'none']), 5) == []
    assert named_clouds(parser.parse_args(['c', 'none', '--index', '4', '0']), 5) == [4, 0]
    with pytest.raises(SystemExit, match='--index 5: the test split has 5 clouds, 0 to 4'):
        named_clouds(parser.parse_args(['c', 'none', '--index', '5']), 5)


def test_spread_over_categories() -> None:
    assert spread_over_categories([2, 0, 1, 1], 3) == [1, 2, 3]
    assert spread_over_categories([1, 0], 5) == [1, 0]
