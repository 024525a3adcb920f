"""Which devices compute in bfloat16, and which only imitate it."""

import platform

import torch

__all__ = ['computes_bfloat16']


def computes_bfloat16(device: torch.device) -> bool:
    """Whether a device has instructions for bfloat16; torch imitates them where it has none.

    An imitation is slower than float32, on a CPU with AVX2 more than ten times
    (docs/performance.md). GPUs have them from compute capability 8 on (A100).

    Args:
        device: A CPU or GPU. Of other devices nothing is known; they are taken to have them.
    """
    if device.type == 'cpu':
        if platform.machine() in ('x86_64', 'AMD64') and not torch.cpu._is_avx512_bf16_supported():
            return False  # oneDNN says yes with AVX512 alone, too
        onednn = torch.backends.mkldnn.is_available()
        return onednn and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    if device.type == 'cuda':
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return True
