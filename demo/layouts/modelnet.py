"""ModelNet40/10's layout: text files with normals, and lists in the real order of classes."""

from __future__ import annotations

import numpy as np

from demo.recipes import RECIPES
from demo.request import (
    Counts,
    Request,
    ShapeJob,
    shape_jobs,
    write_lines,
    write_table,
)
from demo.runner import Runner
from demo.sampling import sample_surface
from demo.taxonomy import MODELNET10, MODELNET40, recipe_of

FOLDER = 'modelnet40_normal_resampled'
DEFAULT_COUNTS = Counts(10, 5)
NUM_POINTS = 8192  # the fewest that the recipe with 8k points can use
FORMATS = ('%g',) * 6
MAKEABLE = tuple(name for name in MODELNET40 if recipe_of(name) in RECIPES)
"""The classes of ModelNet40 that a recipe makes; the others have a name and no shape."""


def write(request: Request, run: Runner) -> None:
    """Writes the set."""
    counts = request.counts or DEFAULT_COUNTS
    write_lines(request.folder / 'modelnet40_shape_names.txt', MODELNET40)
    write_lines(request.folder / 'modelnet10_shape_names.txt', MODELNET10)
    for split, count in zip(Counts._fields, counts):
        jobs = shape_jobs(request, 'modelnet', MAKEABLE, split, count)
        # the test shapes of a class are numbered on from its training shapes, as in the real set
        start = 1 if split == 'train' else counts.train + 1
        stems = [f'{job.name}_{job.index + start:04d}' for job in jobs]
        run(write_shape, list(zip(jobs, stems)), f'ModelNet {split}')
        ten = [stem for job, stem in zip(jobs, stems) if job.name in MODELNET10]
        write_lines(request.folder / f'modelnet40_{split}.txt', stems)
        write_lines(request.folder / f'modelnet10_{split}.txt', ten)


def write_shape(job_and_stem: tuple[ShapeJob, str]) -> None:
    """Writes one shape's text file: x, y, z, normal."""
    job, stem = job_and_stem
    cloud = sample_surface(job.make(), NUM_POINTS, job.rng('points'))
    rows = np.concatenate([cloud.points, cloud.normals.round(2)], 1, dtype=np.float64).round(3)
    write_table(job.folder / job.name / f'{stem}.txt', rows, FORMATS, ',')
