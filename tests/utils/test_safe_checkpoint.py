"""What torch's safe loading reads once models are imported, and what it still refuses."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.logging import HistoryBuffer

import recon_mm.models  # noqa: F401 - allows MMEngine's types


def test_history_buffers_load(tmp_path: Path) -> None:
    buffer = HistoryBuffer()
    buffer.update(1.5)
    buffer.update(2)
    content = {'log': buffer, 'scalar': np.float64(0.5), 'count': np.int64(3)}
    torch.save(content, tmp_path / 'checkpoint.pth')
    loaded = torch.load(tmp_path / 'checkpoint.pth', weights_only=True)
    assert loaded['log'].mean() == 1.75
    assert (loaded['scalar'], loaded['count']) == (0.5, 3)


class RunsCode:
    def __reduce__(self):
        return os.system, ('touch should-not-exist',)


class ReadsAttribute:
    def __reduce__(self):
        return getattr, (HistoryBuffer, '__init__')


@pytest.mark.parametrize('content', [RunsCode(), ReadsAttribute()])
def test_code_is_refused(tmp_path: Path, content, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({'x': content}, 'checkpoint.pth')
    with pytest.raises(pickle.UnpicklingError):
        torch.load('checkpoint.pth', weights_only=True)
    assert not Path('should-not-exist').exists()
