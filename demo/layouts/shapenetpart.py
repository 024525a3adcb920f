"""ShapeNetPart's layout: text files with normals and parts, and json lists of three splits."""

from __future__ import annotations

import json

import numpy as np

from demo.objects import seeded
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
from demo.taxonomy import SHAPENET_PART

FOLDER = 'shapenetcore_partanno_segmentation_benchmark_v0_normal'
DEFAULT_COUNTS = Counts(8, 4)
NUM_POINTS = 2500
FORMATS = ('%g',) * 6 + ('%.1f',)


def write(request: Request, run: Runner) -> None:
    """Writes the set; there are a quarter as many validation shapes as training shapes."""
    train, test = request.counts or DEFAULT_COUNTS
    names = [name.lower() for name in SHAPENET_PART]
    for split, count in {'train': train, 'val': max(1, train // 4), 'test': test}.items():
        jobs = shape_jobs(request, 'shapenetpart', names, split, count)
        stems = run(write_shape, jobs, f'ShapeNetPart {split}')
        seeded(request.seed, 'shapenetpart', split, 'order').shuffle(stems)
        path = request.folder / 'train_test_split' / f'shuffled_{split}_file_list.json'
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps([f'shape_data/{stem}' for stem in stems]))
    lines = [f'{name}\t{synset}' for name, (synset, _) in SHAPENET_PART.items()]
    write_lines(request.folder / 'synsetoffset2category.txt', lines)


def write_shape(job: ShapeJob) -> str:
    """Writes one shape's text file (x, y, z, normal, part); returns ``<synset>/<id>``."""
    synset, first_label = SHAPENET_PART[job.name.capitalize()]
    cloud = sample_surface(job.make(), NUM_POINTS, job.rng('points'))
    label = cloud.parts[:, None] + first_label
    rows = np.concatenate([cloud.points, cloud.normals.round(2), label], 1, dtype=np.float64)
    stem = f'{synset}/{job.model_id}'
    write_table(job.folder / f'{stem}.txt', rows.round(3), FORMATS, ' ')
    return stem
