"""A run killed in the middle of an epoch continues as if never interrupted."""

import signal
from pathlib import Path

import torch

from tests.pretraining import make_shapenet55, tiny_config, train, weights


def test_killed_and_resumed_equals_uninterrupted(tmp_path: Path) -> None:
    """24 clouds in batches of 8: three steps per epoch; the kill falls into the third epoch."""
    make_shapenet55(tmp_path / 'data')
    cfg = tiny_config(tmp_path / 'data', batch_size=8, max_epochs=4)
    cfg.model.masking.type = 'RandomMasking'
    cfg.model.data_preprocessor.train_transforms.append(dict(type='BatchRandomRotate'))
    cfg.default_hooks.checkpoint.max_keep_ckpts = 1
    assert train(cfg, tmp_path / 'whole') == 0

    cfg.custom_hooks = [dict(type='KillAt', iteration=8)]
    assert train(cfg, tmp_path / 'killed') == -signal.SIGKILL
    assert {path.name for path in (tmp_path / 'killed').glob('*.pth')} == {'epoch_2.pth'}

    cfg.custom_hooks = []
    # What a kill in the middle of writing would leave behind.
    whole = (tmp_path / 'killed' / 'epoch_2.pth').read_bytes()
    (tmp_path / 'killed' / 'epoch_3.pth').write_bytes(whole[: len(whole) // 3])
    (tmp_path / 'killed' / 'last_checkpoint').write_text(str(tmp_path / 'killed/epoch_3.pth'))
    assert train(cfg, tmp_path / 'killed', '--resume') == 0

    expected, actual = weights(tmp_path / 'whole', 4), weights(tmp_path / 'killed', 4)
    assert set(actual) == set(expected)
    for name, value in expected.items():
        assert torch.equal(actual[name], value), name
