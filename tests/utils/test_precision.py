"""Whether a device computes in bfloat16."""

import platform
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
    """What torch says of this CPU agrees with its speed."""
    slower = seconds(torch.bfloat16) / seconds(torch.float32)
    assert slower < 1.5 if computes_bfloat16(torch.device('cpu')) else slower > 0.9


def test_avx512_alone_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, 'machine', lambda: 'x86_64')
    monkeypatch.setattr(torch.cpu, '_is_avx512_bf16_supported', lambda: False)
    monkeypatch.setattr(torch.backends.mkldnn, 'is_available', lambda: True)
    monkeypatch.setattr(torch.ops.mkldnn, '_is_mkldnn_bf16_supported', lambda: True, raising=False)
    assert not computes_bfloat16(torch.device('cpu'))


def test_cpu_without_onednn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, 'is_available', lambda: False)
    assert not computes_bfloat16(torch.device('cpu'))


def test_unknown_device() -> None:
    assert computes_bfloat16(torch.device('xla'))


@pytest.mark.cuda
def test_gpu() -> None:
    capability = torch.cuda.get_device_capability()
    assert computes_bfloat16(torch.device('cuda')) == (capability >= (8, 0))
