"""ShapeNet55's layout: clouds, rendered views, lists and category words."""

from __future__ import annotations

import json

import numpy as np

from demo.recipes import RECIPES
from demo.rendering import render
from demo.request import Counts, Request, ShapeJob, shape_jobs, write_lines
from demo.runner import Runner
from demo.sampling import sample_surface
from demo.taxonomy import SHAPENET55, recipe_of
from recon_mm.utils.optional import require

FOLDER = 'ShapeNet55-34'
DEFAULT_COUNTS = Counts(10, 4)
NUM_POINTS = 8192
MAKEABLE = {words: synset for synset, words in SHAPENET55.items() if recipe_of(words) in RECIPES}
"""The categories that a recipe makes and their synsets, about half of the 55."""


def write(request: Request, run: Runner) -> None:
    """Writes the set."""
    folder = request.folder
    for name in ('shapenet_pc', 'shapenet_img'):
        (folder / name).mkdir()
    counts = request.counts or DEFAULT_COUNTS
    for split, count in zip(Counts._fields, counts):
        jobs = shape_jobs(request, 'shapenet55', list(MAKEABLE), split, count)
        files = run(write_shape, jobs, f'ShapeNet55 {split}')
        write_lines(folder / 'ShapeNet-55' / f'{split}.txt', files)
    records = [
        {'catalogue': synset.removeprefix('0'), 'describe': words}
        for synset, words in SHAPENET55.items()
    ]
    (folder / 'shapenet55.json').write_text(json.dumps(records, indent=1))


def write_shape(job: ShapeJob) -> str:
    """Writes one shape's cloud and picture; returns the name of the cloud's file."""
    image_io = require('PIL.Image', 'demo')
    shape = job.make()
    stem = f'{MAKEABLE[job.name]}-{job.model_id}'
    points = sample_surface(shape, NUM_POINTS, job.rng('points')).points
    np.save(job.folder / 'shapenet_pc' / f'{stem}.npy', points)
    picture = render(shape, job.rng('view'))
    image_io.fromarray(picture).save(job.folder / 'shapenet_img' / f'{stem}.png')
    return f'{stem}.npy'
