"""The tools of tools/misc."""

import torch

from tests.tools.commands import tool_main


def test_config_with_overrides_is_printed(capsys) -> None:
    arguments = ['recon/pretrain_shapenet', '--cfg-options', 'train_cfg.max_epochs=7']
    assert tool_main('misc/print_config.py')(arguments) == 0
    scope: dict = {}
    exec(capsys.readouterr().out, scope)
    assert scope['train_cfg']['max_epochs'] == 7
    assert scope['model']['backbone']['type'] == 'ReConTransformer'


def test_environment_is_printed(capsys) -> None:
    assert tool_main('misc/collect_env.py')([]) == 0
    assert 'recon_mm' in capsys.readouterr().out


def test_weights_are_published(tmp_path, capsys) -> None:
    torch.save({'state_dict': {'a': torch.zeros(2)}, 'optimizer': {}}, tmp_path / 'a.pth')
    arguments = [str(tmp_path / 'a.pth'), str(tmp_path / 'b.pth')]
    assert tool_main('misc/publish_model.py')(arguments) == 0
    (written,) = tmp_path.glob('b-*.pth')
    assert capsys.readouterr().out.startswith(f'wrote {written}: ')
    assert tool_main('misc/publish_model.py')([str(tmp_path / 'c.pth'), 'd.pth']) == 1
