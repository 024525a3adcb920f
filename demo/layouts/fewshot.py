"""The community's few-shot folds of ModelNet: a pickle per setting and fold."""

from __future__ import annotations

import pickle
from itertools import product

import numpy as np

from demo.layouts.modelnet import MAKEABLE
from demo.objects import seeded
from demo.request import Counts, Request, ShapeJob, shape_jobs
from demo.runner import Runner
from demo.sampling import sample_surface

FOLDER = 'ModelNetFewshot'
WAYS, SHOTS, FOLDS = (5, 10), (10, 20), 1
DEFAULT_COUNTS = Counts(max(SHOTS), 3)
NUM_POINTS = 1280  # the recipe draws from 1200

Cloud = np.ndarray
Pools = dict[str, dict[str, list[Cloud]]]
"""Clouds (N, 6) by split and class."""


def write(request: Request, run: Runner) -> None:
    """Writes the folds, from at least as many training shapes as the largest setting shows."""
    train, test = request.counts or DEFAULT_COUNTS
    counts = Counts(max(train, *SHOTS), test)
    pools: Pools = {}
    for split, count in zip(Counts._fields, counts):
        jobs = shape_jobs(request, 'modelnet_fewshot', MAKEABLE, split, count)
        pools[split] = {name: [] for name in MAKEABLE}
        for job, cloud in zip(jobs, run(make_cloud, jobs, f'Few-shot {split}')):
            pools[split][job.name].append(cloud)
    for way, shot, fold in product(WAYS, SHOTS, range(FOLDS)):
        rng = seeded(request.seed, 'fold', way, shot, fold)
        folder = request.folder / f'{way}way_{shot}shot'
        folder.mkdir(exist_ok=True)
        with (folder / f'{fold}.pkl').open('wb') as file:
            pickle.dump(draw_fold(pools, way, shot, rng), file)


def make_cloud(job: ShapeJob) -> Cloud:
    """One shape, (N, 6) float32: x, y, z, normal."""
    cloud = sample_surface(job.make(), NUM_POINTS, job.rng('points'))
    return np.concatenate([cloud.points, cloud.normals], 1)


def draw_fold(pools: Pools, way: int, shot: int, rng: np.random.Generator) -> dict[str, list]:
    """Draws classes, and for each ``shot`` training shapes and all test shapes.

    Returns:
        ``train`` and ``test``: lists of (cloud, label in 0..way-1, class name).
    """
    names = [MAKEABLE[i] for i in rng.choice(len(MAKEABLE), way, replace=False)]
    fold: dict[str, list] = {'train': [], 'test': []}
    for label, name in enumerate(names):
        chosen = rng.choice(len(pools['train'][name]), shot, replace=False)
        fold['train'] += [(pools['train'][name][i], label, name) for i in chosen]
        fold['test'] += [(cloud, label, name) for cloud in pools['test'][name]]
    return fold
