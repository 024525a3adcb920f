"""Which checkpoint a run is resumed from."""

from pathlib import Path

import pytest
import torch

from recon_mm.engine import find_resumable_checkpoint
from recon_mm.engine.atomic_checkpoint_hook import AtomicLocalBackend
from recon_mm.engine.resume import check_resumable
from recon_mm.utils.safe_checkpoint import CheckpointError

COMPLETE = dict(
    meta=dict(epoch=1, iter=3, seed=0),
    state_dict={'w': torch.zeros(1000)},
    optimizer=dict(state={}, param_groups=[]),
    message_hub=dict(log_scalars={}, runtime_info={}, resumed_keys={}),
)


def test_newest_complete_checkpoint_is_found(tmp_path: Path) -> None:
    for epoch in (9, 10):
        torch.save(COMPLETE, tmp_path / f'epoch_{epoch}.pth')
    complete = (tmp_path / 'epoch_10.pth').read_bytes()
    (tmp_path / 'epoch_11.pth').write_bytes(complete[: len(complete) // 2])
    (tmp_path / 'epoch_12.pth').write_bytes(b'')
    torch.save({'state_dict': {'w': torch.zeros(1)}}, tmp_path / 'epoch_13.pth')
    torch.save(COMPLETE, tmp_path / 'best_accuracy_epoch_99.pth')
    (tmp_path / 'epoch_14.pth.partial').write_bytes(complete)
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_12.pth'))
    assert find_resumable_checkpoint(tmp_path) == tmp_path / 'epoch_10.pth'


@pytest.mark.parametrize(
    'part',
    [
        {'meta': []},
        {'meta': dict(epoch='1', iter=3)},
        {'meta': dict(epoch=1, iter=-3)},
        {'meta': dict(epoch=float('nan'), iter=3)},
        {'meta': dict(epoch=1, iter=3, seed='0')},
        {'optimizer': {}},
        {'message_hub': 'text'},
        {'message_hub': dict(log_scalars={}, runtime_info=[], resumed_keys={})},
    ],
    ids=str,
)
def test_another_structure_is_refused(tmp_path: Path, part: dict) -> None:
    torch.save(COMPLETE, tmp_path / 'epoch_1.pth')
    check_resumable(tmp_path / 'epoch_1.pth')
    torch.save(COMPLETE | part, tmp_path / 'epoch_2.pth')
    with pytest.raises(CheckpointError, match=r"epoch_2\.pth' has another structure than MMEngine"):
        check_resumable(tmp_path / 'epoch_2.pth')
    assert find_resumable_checkpoint(tmp_path) == tmp_path / 'epoch_1.pth'


def test_no_checkpoint(tmp_path: Path) -> None:
    assert find_resumable_checkpoint(tmp_path) is None
    assert find_resumable_checkpoint(tmp_path / 'absent') is None


def test_a_file_appears_complete_or_not_at_all(tmp_path: Path, monkeypatch) -> None:
    backend = AtomicLocalBackend()
    target = tmp_path / 'epoch_1.pth'
    backend.put(b'first', target)

    def killed(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr('os.fsync', killed)
    with pytest.raises(KeyboardInterrupt):
        backend.put(b'second', target)
    assert target.read_bytes() == b'first'
