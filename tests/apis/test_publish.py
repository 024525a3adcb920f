"""A checkpoint made ready to be passed on."""

import hashlib
import re
from pathlib import Path

import pytest
import torch

from recon_mm.apis.publish import publish_model
from recon_mm.utils.safe_checkpoint import CheckpointError, load_from_file

WEIGHTS = {'backbone.norm.weight': torch.arange(6.0)[2:4], 'head.bias': torch.zeros(2)}


def write(path: Path) -> Path:
    checkpoint = dict(
        meta=dict(epoch=3, cfg='secret = 1', dataset_meta=dict(classes=('a', 'b'))),
        state_dict=WEIGHTS,
        optimizer=dict(state={0: torch.zeros(10_000)}),
        param_schedulers=[dict(last_step=1)],
        message_hub=dict(log_scalars={}),
    )
    torch.save(checkpoint, path)
    return path


def test_weights_and_a_hash_alone_are_left(tmp_path: Path) -> None:
    source = write(tmp_path / 'epoch_3.pth')
    written = publish_model(source, tmp_path / 'new/recon.pth')
    digits = re.fullmatch(r'recon-([0-9a-f]{8})\.pth', written.name)
    assert digits and hashlib.sha256(written.read_bytes()).hexdigest().startswith(digits[1])
    published = load_from_file(written)
    assert set(published) == {'meta', 'state_dict'}
    assert set(published['meta']) == {'epoch', 'dataset_meta', 'recon_mm_version'}
    assert published['state_dict'].keys() == WEIGHTS.keys()
    for name, value in WEIGHTS.items():
        assert torch.equal(published['state_dict'][name], value)
    assert written.stat().st_size < source.stat().st_size / 5
    # The same weights give the same name, wherever they were.
    again = publish_model(write(tmp_path / 'other.pth'), tmp_path / 'recon')
    assert again.name == written.name


def test_no_weights(tmp_path: Path) -> None:
    torch.save({'optimizer': {}}, tmp_path / 'a.pth')
    with pytest.raises(CheckpointError, match=r'holds no weights \(it has optimizer\)'):
        publish_model(tmp_path / 'a.pth', tmp_path / 'b.pth')


def test_code_in_a_file_is_refused(tmp_path: Path) -> None:
    torch.save({'state_dict': WEIGHTS, 'run': Path}, tmp_path / 'a.pth')
    with pytest.raises(CheckpointError, match='could run code'):
        publish_model(tmp_path / 'a.pth', tmp_path / 'b.pth')
    assert sorted(path.name for path in tmp_path.iterdir()) == ['a.pth']
