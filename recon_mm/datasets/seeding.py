"""Random draws that depend on seed, epoch and sample, and on nothing else.

MMEngine seeds each worker process when it starts: what a sample draws then depends on how many
workers there are, on whether they persist, and on how often the run was resumed. Here the sampler
says with each index which epoch it is, and the data set draws from a state of that sample's own.
"""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from mmengine.dataset import DefaultSampler

from recon_mm.registry import DATA_SAMPLERS


class EpochIndex(int):
    """The index of a sample, with the seed of the run and the epoch it is drawn in."""

    seed: int
    epoch: int

    def __new__(cls, index: int, seed: int, epoch: int) -> 'EpochIndex':
        """An index that can be used as any other."""
        self = super().__new__(cls, index)
        self.seed, self.epoch = seed, epoch
        return self

    def __getnewargs__(self) -> tuple[int, int, int]:
        return int(self), self.seed, self.epoch


@DATA_SAMPLERS.register_module()
class EpochSampler(DefaultSampler):
    """MMEngine's sampler, whose indices know seed and epoch.

    Args: those of :class:`mmengine.dataset.DefaultSampler`.
    """

    def __iter__(self) -> Iterator[int]:
        for index in super().__iter__():
            yield EpochIndex(index, int(self.seed), int(self.epoch))


@contextmanager
def sample_randomness(index: int) -> Iterator[None]:
    """Python's, numpy's and torch's draws inside are those of this sample in this epoch.

    Afterwards the generators of the process are where they were. An index without an epoch changes
    nothing.
    """
    if not isinstance(index, EpochIndex):
        yield
        return
    entropy = np.random.SeedSequence((index.seed, index.epoch, int(index)))
    words = entropy.generate_state(3).tolist()
    before = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
    random.seed(words[0])
    np.random.seed(words[1])  # noqa: NPY002
    torch.default_generator.manual_seed(words[2])
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002
        torch.set_rng_state(before[2])


def draw_for_samples(indices: Sequence[int], high: int) -> np.ndarray:
    """One integer below ``high`` for each sample, int64 ``(B,)``, without a loop over them.

    A function of seed, epoch and index where indices say so; else from numpy's global state.
    """
    first = indices[0] if len(indices) else 0
    if not isinstance(first, EpochIndex):
        return np.random.randint(high, size=len(indices))  # noqa: NPY002
    stream = np.random.SeedSequence((first.seed, first.epoch)).generate_state(1, np.uint64)
    # A bijection of 64-bit words that scatters neighbors (splitmix64's finalizer).
    word = (np.asarray(indices, np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15) + stream
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        word = (word ^ (word >> np.uint64(shift))) * np.uint64(factor)
    return ((word ^ (word >> np.uint64(31))) % np.uint64(high)).astype(np.int64)
