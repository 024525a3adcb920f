"""What the tools that draw say of a wrong command line."""

import pytest

from recon_mm.apis.picture_tools import load_model, picked, picture_parser


def test_a_config_of_another_task_is_refused(tiny_config, tmp_path) -> None:
    path = tmp_path / 'config.py'
    tiny_config('linear_svm_modelnet40').dump(path)
    args = picture_parser(None, 'parts.png', 2).parse_args([str(path), 'none', '--device', 'cpu'])
    with pytest.raises(SystemExit, match='is of a ReCon, this tool draws a PartSegmentor'):
        load_model(args, 'PartSegmentor')
    cfg, model = load_model(args, 'ReCon')
    assert cfg.model.type == type(model).__name__ and not model.training


def test_clouds_are_named_by_their_number() -> None:
    parser = picture_parser(None, 'parts.png', 2)
    assert picked(parser.parse_args(['c', 'none']), 5) == []
    assert picked(parser.parse_args(['c', 'none', '--index', '4', '0']), 5) == [4, 0]
    with pytest.raises(SystemExit, match='--index 5: the test split has 5 clouds, 0 to 4'):
        picked(parser.parse_args(['c', 'none', '--index', '5']), 5)
