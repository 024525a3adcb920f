"""Mixed precision where the device has bfloat16, and where it has not."""

import pytest
import torch
from torch import nn

from recon_mm.engine import BFloat16OptimWrapper, bfloat16_optim_wrapper


def wrapper(model: nn.Module, **kwargs: bool) -> BFloat16OptimWrapper:
    groups = [{'params': []}, {'params': model.parameters()}]
    return BFloat16OptimWrapper(torch.optim.SGD(groups, lr=1.0), **kwargs)


@pytest.mark.parametrize(
    ('available', 'emulate', 'dtype'),
    [
        (True, False, torch.bfloat16),
        (False, False, torch.float32),
        (False, True, torch.bfloat16),
    ],
)
def test_precision(
    monkeypatch: pytest.MonkeyPatch,
    log: pytest.LogCaptureFixture,
    available: bool,
    emulate: bool,
    dtype: torch.dtype,
) -> None:
    monkeypatch.setattr(bfloat16_optim_wrapper, 'computes_bfloat16', lambda device: available)
    model = nn.Linear(3, 2)
    wrapped = wrapper(model, emulate=emulate)
    assert ('computing in float32' in log.text) == (dtype == torch.float32)
    with wrapped.optim_context(model):
        assert model(torch.ones(1, 3)).dtype == dtype
    assert model(torch.ones(1, 3)).dtype == torch.float32
