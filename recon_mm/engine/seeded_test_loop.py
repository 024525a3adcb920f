"""Repeats a test that draws random views with several seeds; reports mean and spread."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.logging import print_log
from mmengine.runner import TestLoop, set_random_seed

from recon_mm.registry import LOOPS


@LOOPS.register_module()
class SeededTestLoop(TestLoop):
    """Runs the whole test once per seed.

    With one seed the metrics are those of the test. With several, each metric becomes
    ``<name>_mean`` and ``<name>_std`` (the sample's standard deviation), and the log shows
    the result of each seed. The best of several runs is not reported: selected on the test set, it
    would say nothing about new data.

    Args:
        seeds: The seeds.
        **kwargs: Those of MMEngine's ``TestLoop``.
    """

    def __init__(self, *args: Any, seeds: Sequence[int] = (0,), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not seeds:
            raise ValueError('SeededTestLoop needs at least one seed')
        self.seeds = tuple(seeds)

    def run(self) -> dict:
        """Tests once per seed.

        Returns:
            The metrics, or their mean and standard deviation.
        """
        runs = []
        for seed in self.seeds:
            set_random_seed(seed, diff_rank_seed=True)
            runs.append(super().run())
        if len(runs) == 1:
            return runs[0]
        summary = {}
        for name in runs[0]:
            values = [float(run[name]) for run in runs]
            summary[f'{name}_mean'] = float(np.mean(values))
            summary[f'{name}_std'] = float(np.std(values, ddof=1))
            each = ', '.join(f'{value:.2f}' for value in values)
            print_log(
                f'{name}: {summary[f"{name}_mean"]:.2f} ± {summary[f"{name}_std"]:.2f} over the '
                f'seeds {list(self.seeds)} (each: {each})',
                logger='current',
            )
        return summary
