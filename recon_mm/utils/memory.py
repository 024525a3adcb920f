"""How the C library handles memory that CPU tensors free."""

import ctypes
import sys
from collections.abc import Callable

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_LARGEST = 2**31 - 1


def keep_freed_memory() -> bool:
    """Makes this process keep freed memory for its next allocations; for training on the CPU.

    glibc returns every freed block above 32 MB to the system, which clears its pages again when the
    next step allocates them: without a GPU up to a third of a training step. With this setting the
    process shrinks only by :func:`return_freed_memory`. It matters only for memory on the CPU; call
    it before the first large tensor.

    Returns:
        Whether the C library is glibc and took the setting; nothing changes where it is not.
    """
    mallopt = _glibc('mallopt')
    if mallopt is None:
        return False
    kept = [mallopt(option, _LARGEST) for option in (_MMAP_THRESHOLD, _TRIM_THRESHOLD)]
    return all(kept)


def return_freed_memory() -> None:
    """Gives all free pages of this process back to the system; does nothing without glibc."""
    malloc_trim = _glibc('malloc_trim')
    if malloc_trim is not None:
        malloc_trim(0)


def _glibc(function: str) -> Callable[..., int] | None:
    """A function of the C library, ``None`` where it has none: other systems, musl."""
    if not sys.platform.startswith('linux'):
        return None
    return getattr(ctypes.CDLL(None), function, None)
