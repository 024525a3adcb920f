"""How the C library handles memory that tensors on the CPU give back."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_LARGEST = 2**31 - 1


def keep_freed_memory() -> bool:
    """Makes this process keep freed memory for its next allocations; for training on the CPU.

    glibc gives every freed block above 32 MB back to the system, which clears its pages anew when
    the next step asks for them again: without a GPU up to a third of a training step. Afterwards
    the process stays as large as it once was. Matters only for memory on the CPU; call it before
    the first large tensor.

    Returns:
        Whether the C library is glibc and took the setting; nothing changes where it is not.
    """
    if not sys.platform.startswith('linux'):
        return False
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)  # musl has none
    if mallopt is None:
        return False
    kept = [mallopt(option, _LARGEST) for option in (_MMAP_THRESHOLD, _TRIM_THRESHOLD)]
    return all(kept)
