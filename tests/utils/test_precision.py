"""Whether a device computes in bfloat16."""

import time

import pytest
import torch

from recon_mm.utils.precision import computes_bfloat16


def seconds(dtype: torch.dtype) -> float:
    """The fastest of a few products of matrices."""
    a, b = (torch.ones(256, 256, dtype=dtype) for _ in range(2))
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        torch.mm(a, b)
        times.append(time.perf_counter() - begin)
    return min(times)


def test_cpu_imitates_slowly() -> None:
    """What torch says of this CPU agrees with its speed: imitating costs far more than twice."""
    slower = seconds(torch.bfloat16) / seconds(torch.float32)
    assert computes_bfloat16(torch.device('cpu')) == (slower < 4), slower


def test_cpu_without_onednn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, 'is_available', lambda: False)
    assert not computes_bfloat16(torch.device('cpu'))


def test_unknown_device() -> None:
    assert computes_bfloat16(torch.device('xla'))


@pytest.mark.cuda
def test_gpu() -> None:
    capability = torch.cuda.get_device_capability()
    assert computes_bfloat16(torch.device('cuda')) == (capability >= (8, 0))
