"""Freed memory is kept for the next allocation, until it is given back."""

import subprocess
import sys

import pytest

# In a separate process: the setting holds until the process ends.
PAGE_FAULTS = """
import resource
import torch
from recon_mm.utils.memory import keep_freed_memory

torch.set_num_threads(1)
if {keep}:
    assert keep_freed_memory()
# Each a little smaller: for an aligned block glibc looks for a bit more than it then hands out.
for i in range(4):  # until the heap has found its size
    torch.ones(2**25 - 2**10 * i)  # 128 MB
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for i in range(4, 6):
    torch.ones(2**25 - 2**10 * i)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


# Blocks of 1 MB with small ones between that stay: nothing of it lies at the end of the heap.
PIECES = """
from pathlib import Path
import torch
from recon_mm.utils.memory import keep_freed_memory, return_freed_memory

def used() -> int:
    return int(Path('/proc/self/statm').read_text().split()[1]) * 4096 // 2**20

assert keep_freed_memory()
pieces = [(torch.ones(2**18), torch.ones(2**8)) for _ in range(128)]
full = used()
pieces = [small for _, small in pieces]
print(full - used())
return_freed_memory()
print(full - used())
"""


def page_faults(keep: bool) -> int:
    command = [sys.executable, '-c', PAGE_FAULTS.format(keep=keep)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='a setting of glibc')
def test_kept_memory_is_not_asked_for_again() -> None:
    assert page_faults(keep=True) * 10 < page_faults(keep=False)


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='a function of glibc')
def test_pieces_are_given_back() -> None:
    """In MB: what is gone after 128 are freed, then after they are returned."""
    shown = subprocess.run([sys.executable, '-c', PIECES], capture_output=True, check=True).stdout
    kept, returned = map(int, shown.split())
    assert kept < 10
    assert returned > 100
