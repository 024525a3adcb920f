"""Which clouds are drawn, and the errors of a wrong command line."""

import pytest

from recon_mm.apis.pictures import (
    load_model,
    named_clouds,
    part_figure,
    picture_parser,
    reconstruction_figure,
    spread_over_categories,
)
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
    figure = part_figure(model, dataset, [3, 0])
    names = [dataset.metainfo['classes'][dataset.get_cat_ids(i)[0]] for i in (3, 0)]
    assert names[0] != names[1]
    titles = [axis.get_title() for axis in figure.axes]
    assert titles[:2] == [f'{name}: true' for name in names]
    points = figure.axes[0].collections[0]._offsets3d[0]
    assert len(points) == dataset[3]['inputs']['points'].shape[0]


def test_reconstruction_of_the_named_clouds(loaded) -> None:
    model, dataset = loaded('linear_svm_modelnet40', 'ReCon')
    figure = reconstruction_figure(model, dataset, [1, 4])
    panels = [[len(part._offsets3d[0]) for part in axis.collections] for axis in figure.axes]
    assert len(panels) == 6
    for (cloud,), (visible,), (shown, predicted) in (panels[:3], panels[3:]):
        assert visible == shown < cloud
        assert predicted > 0
    texts = [text.get_text() for text in (figure.axes[0].texts[0], figure.axes[3].texts[0])]
    assert texts == [dataset.get_data_info(i)['sample_id'] for i in (1, 4)]


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
