"""Freed memory is kept for the next allocation."""

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


def page_faults(keep: bool) -> int:
    command = [sys.executable, '-c', PAGE_FAULTS.format(keep=keep)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='a setting of glibc')
def test_kept_memory_is_not_asked_for_again() -> None:
    assert page_faults(keep=True) * 10 < page_faults(keep=False)
