"""ScanObjectNN's layout: the same scans with background, without, and perturbed, as HDF5."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from demo.request import Counts, Request, ShapeJob, shape_jobs
from demo.runner import Runner
from demo.scanning import background, draw_points, perturb, scan_object
from demo.taxonomy import SCANOBJECTNN
from recon_mm.utils.optional import require

FOLDER = 'ScanObjectNN'
DEFAULT_COUNTS = Counts(8, 4)
NUM_POINTS = 2048
FILES = (
    'main_split/{}_objectdataset.h5',  # OBJ_BG
    'main_split_nobg/{}_objectdataset.h5',  # OBJ_ONLY
    'main_split/{}_objectdataset_augmentedrot_scale75.h5',  # PB_T50_RS
)


def write(request: Request, run: Runner) -> None:
    """Writes the three variants of both splits."""
    counts = request.counts or DEFAULT_COUNTS
    for split, count in zip(Counts._fields, counts):
        jobs = shape_jobs(request, 'scanobjectnn', SCANOBJECTNN, split, count)
        labels = np.array([SCANOBJECTNN.index(job.name) for job in jobs], np.int32)
        scans = np.stack(run(make_scans, jobs, f'ScanObjectNN {split}'))  # (shapes, 3, N, 3)
        word = 'training' if split == 'train' else 'test'
        for variant, file in enumerate(FILES):
            _write_file(request.folder / file.format(word), scans[:, variant], labels)


def make_scans(job: ShapeJob) -> np.ndarray:
    """One object's three variants, (3, N, 3) float32, in the order of ``FILES``."""
    rng = job.rng('scan')
    points = scan_object(job.make(), rng)
    around = background(points, rng)
    variants = [np.concatenate([points, around]), points]
    variants.append(np.concatenate(perturb(points, around, rng)))
    return np.stack([draw_points(cloud, NUM_POINTS, rng) for cloud in variants])


def _write_file(path: Path, points: np.ndarray, labels: np.ndarray) -> None:
    path.parent.mkdir(exist_ok=True)
    with require('h5py', 'demo').File(path, 'w', track_order=True) as file:
        for name, array in {'data': points, 'label': labels}.items():
            file.create_dataset(name, data=array, track_times=False)
