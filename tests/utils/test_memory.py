"""Freed memory is kept for the next allocation."""

import subprocess
import sys

import pytest

# In a process of its own: the setting holds until the process ends.
PAGE_FAULTS = """
import resource
import torch
from recon_mm.utils.memory import keep_freed_memory

torch.set_num_threads(1)
if {keep}:
    assert keep_freed_memory()
for _ in range(12):  # until the heap has found its size: eight with torch 2.6
    torch.ones(2**25)  # 128 MB
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(2):
    torch.ones(2**25)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(keep: bool) -> int:
    command = [sys.executable, '-c', PAGE_FAULTS.format(keep=keep)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='a setting of glibc')
def test_kept_memory_is_not_asked_for_again() -> None:
    assert page_faults(keep=True) * 10 < page_faults(keep=False)
