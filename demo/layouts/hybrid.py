"""ReCon++'s Hybrid layout: point files of four kinds, depth features, and labeled lists."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from demo.layouts.openshape import NAMES, near
from demo.request import Counts, Request, ShapeJob, shape_jobs, write_lines, write_table
from demo.runner import Runner
from demo.sampling import sample_surface
from recon_mm.utils.optional import require

FOLDER = 'Hybrid'
DEFAULT_COUNTS = Counts(8, 4)
NUM_POINTS = 2048
VIEWS = 10
KINDS = ('.npy', '.npz', '.h5', '.txt')


def write(request: Request, run: Runner) -> None:
    """Writes the clouds, the features of the training set and the lists."""
    counts = request.counts or DEFAULT_COUNTS
    (request.folder / 'depth_feature').mkdir()
    for split, count in zip(Counts._fields, counts):
        jobs = shape_jobs(request, 'hybrid', NAMES, split, count)
        files = run(write_shape, jobs, f'Hybrid {split}')
        write_lines(request.folder / f'post_pretrain/{split}.txt', files)
        numbers = [str(NAMES.index(job.name)) for job in jobs]
        write_lines(request.folder / f'post_pretrain/{split}_num.txt', numbers)
        if split == 'train':
            write_lines(request.folder / 'pretrain/train.txt', files)


def write_shape(job: ShapeJob) -> str:
    """Writes one shape and its depth features; returns its path below the root."""
    torch = require('torch', 'demo')
    points = sample_surface(job.make(), NUM_POINTS, job.rng('points')).points
    kind = KINDS[(job.index + NAMES.index(job.name)) % len(KINDS)]
    file = Path('clouds') / job.name / f'{job.model_id}{kind}'
    path = job.folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == '.npy':
        np.save(path, points)
    elif kind == '.npz':
        np.savez(path, points)
    elif kind == '.h5':
        with require('h5py', 'demo').File(path, 'w', track_order=True) as content:
            content.create_dataset('data', data=points, track_times=False)
    else:
        write_table(path, points.astype(np.float64).round(4), ('%g',) * 3, ' ')
    features = np.stack([near(job.name, job.rng(f'view {i}')) for i in range(VIEWS)])
    name = '-'.join(file.with_suffix('').parts)
    torch.save(torch.from_numpy(features), job.folder / 'depth_feature' / f'{name}.pt')
    return file.as_posix()
