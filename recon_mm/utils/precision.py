"""Which devices compute in bfloat16, and which only imitate it."""

import torch

__all__ = ['computes_bfloat16']


def computes_bfloat16(device: torch.device) -> bool:
    """Whether a device has instructions for bfloat16; torch imitates them where it has none.

    An imitation is many times slower than float32: on a CPU with AVX2 a pretraining step takes 11
    times as long (docs/performance.md). GPUs have them from compute capability 8 on (A100).

    Args:
        device: A CPU or GPU. Of other devices nothing is known; they are taken to have them.
    """
    if device.type == 'cpu':
        return torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    if device.type == 'cuda':
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return True
