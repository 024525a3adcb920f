"""Testing a checkpoint: what is refused, and one seed or several."""

import json
import re

import pytest
import torch
from mmengine.registry import init_default_scope

from recon_mm.apis.test import main
from recon_mm.registry import MODELS


@pytest.fixture
def test_config(tiny_config, tmp_path):
    """Writes a tiny config, and a checkpoint of a model like it; tests it."""

    def call(name: str, *options: str, num_classes: int | None = None, without: str = '') -> dict:
        cfg = tiny_config(name)
        cfg.dump(tmp_path / 'config.py')
        if num_classes:
            cfg.model.head.num_classes = num_classes
        init_default_scope('recon_mm')
        weights = MODELS.build(cfg.model).state_dict()
        kept = {key: value for key, value in weights.items() if not key.startswith(without or '-')}
        torch.save(dict(state_dict=kept), tmp_path / 'checkpoint.pth')
        out = tmp_path / 'metrics.json'
        arguments = [tmp_path / 'config.py', tmp_path / 'checkpoint.pth', '--out', out, *options]
        arguments += ['--work-dir', tmp_path / 'work']
        status = main([str(argument) for argument in arguments])
        assert (status == 0) == out.is_file()
        return json.loads(out.read_text()) if status == 0 else {}

    return call


NAME = 'classification_scanobjectnn_obj_bg_full'


@pytest.mark.parametrize('tta', [[], ['--tta']])
def test_a_checkpoint_without_the_head_or_of_other_classes_is_refused(
    test_config, tta, capsys
) -> None:
    assert test_config(NAME, *tta, without='head.') == {}
    assert re.search(r'head\.layers\.0\.weight is .* nothing in the file', capsys.readouterr().err)
    assert test_config(NAME, *tta, num_classes=7) == {}
    assert re.search(r'head\.layers\.8\.weight is \(15, .* \(7, ', capsys.readouterr().err)


def test_one_seed_and_several(test_config) -> None:
    assert set(test_config(NAME, '--tta', '--seeds', '3')) == {
        *('accuracy/overall', 'accuracy/mean_class')
    }
    metrics = test_config(NAME, '--tta', '--seeds', '3', '4')
    assert {'accuracy/overall_mean', 'accuracy/overall_std'} < set(metrics)


def test_voting_needs_a_protocol(test_config, capsys) -> None:
    with pytest.raises(SystemExit):
        test_config('linear_svm_modelnet40', '--tta')
    assert 'has no tta_model, so no voting protocol' in capsys.readouterr().err


def test_a_checkpoint_of_its_own_task_is_tested(test_config) -> None:
    metrics = test_config('part_segmentation_shapenetpart')
    assert {'partseg/instance_miou', 'partseg/class_miou'} < set(metrics)
