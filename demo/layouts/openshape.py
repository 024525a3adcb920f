"""OpenShape's layout: colored clouds with features of views and texts, and three zero-shot tests.

No network has made the features: each class has a random direction, and its shapes are near it.
They are enough to see every part work, and to learn which class is which.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from demo.objects import seeded
from demo.request import Counts, Request, ShapeJob, shape_jobs
from demo.runner import Runner
from demo.sampling import sample_surface
from demo.taxonomy import MODELNET40, SCANOBJECTNN

FOLDER = 'OpenShape'
DEFAULT_COUNTS = Counts(8, 4)
NUM_POINTS = 10000
SCANNED_POINTS = 2048
FEATURE_DIMS = 1280
VIEWS = 12
NAMES = ('chair', 'desk', 'sofa', 'table', 'toilet', 'bed')
"""Classes that ModelNet40 and ScanObjectNN share and a recipe makes."""


def write(request: Request, run: Runner) -> None:
    """Writes the pretraining set and the files of the tests."""
    counts = request.counts or DEFAULT_COUNTS
    meta = request.folder / 'meta_data'
    for folder in ('split', 'modelnet40', 'scanobjectnn'):
        (meta / folder).mkdir(parents=True)
    jobs = shape_jobs(request, 'openshape', NAMES, 'train', counts.train)
    records = run(write_shape, jobs, 'OpenShape train')
    _write_json(meta / 'split/train_all.json', records)
    _write_json(meta / 'gpt4_filtering.json', {r['id']: {'flag': 'Y'} for r in records[::2]})
    jobs = shape_jobs(request, 'openshape', NAMES, 'test', counts.test)
    shapes = run(write_shape, jobs, 'OpenShape test')
    _write_json(meta / 'split/lvis.json', [_lvis_record(s, j.name) for s, j in zip(shapes, jobs)])
    features = np.stack([direction(name) for name in sorted(NAMES)])
    np.save(meta / 'lvis_cat_name_pt_feat.npy', features)
    clouds = run(colored_cloud, jobs, 'OpenShape zero-shot')
    names = [job.name for job in jobs]
    split = [{'name': job.model_id, 'category': job.name} for job in jobs]
    _write_json(meta / 'modelnet40/test_split.json', split)
    bytes_of = [{'xyz': xyz, 'rgb': np.rint(rgb * 255)} for xyz, rgb in clouds]
    _save(meta / 'modelnet40/test_pc.npy', bytes_of)
    _save(meta / 'modelnet40/cat_name_pt_feat.npy', _class_features(MODELNET40))
    scans = {'xyz': [xyz[:SCANNED_POINTS] for xyz, _ in clouds]}
    _save(
        meta / 'scanobjectnn/xyz_label.npy',
        {**scans, 'label': np.array([SCANOBJECTNN.index(name) for name in names])},
    )
    _save(meta / 'scanobjectnn/cat_name_pt_feat.npy', _class_features(SCANOBJECTNN))


def write_shape(job: ShapeJob) -> dict[str, str]:
    """Writes one shape as OpenShape has it; returns its record in the list."""
    xyz, rgb = colored_cloud(job)
    rng = job.rng('features')
    text: dict[str, Any] = {'original': near(job.name, rng), 'prompt_avg': near(job.name, rng)}
    text = {key: value[None] for key, value in text.items()}
    content = {
        'xyz': xyz,
        'rgb': rgb,
        'image_feat': np.stack([near(job.name, rng) for _ in range(VIEWS)]),
        'thumbnail_feat': near(job.name, rng),
        'text': [job.name],
        'text_feat': [text],
        'blip_caption': f'a {job.name}',
        'blip_caption_feat': text,
        'msft_caption': '',
        'msft_caption_feat': text,
        'retrieval_text': [f'a 3D {job.name}'],
        'retrieval_text_feat': [text],
    }
    record = {'dataset': 'Objaverse', 'group': f'000-{job.index:03d}', 'id': job.model_id}
    if job.index % 2:  # as the other sources: without a thumbnail
        record['dataset'] = 'ABO'
        del content['thumbnail_feat']
    _save(job.folder / shape_path(record), content)
    return record


def shape_path(record: dict[str, str]) -> Path:
    """Where a shape of the list is, below the root."""
    base = Path('objaverse-processed/merged_for_training_final')
    return base / record['dataset'] / record['group'] / f'{record["id"]}.npy'


def colored_cloud(job: ShapeJob) -> tuple[np.ndarray, np.ndarray]:
    """Points of a shape, and colors by place, both (N, 3) float32."""
    points = np.asarray(sample_surface(job.make(), NUM_POINTS, job.rng('points')).points)
    tint = job.rng('tint').random(3)
    return points, np.clip(0.5 + 0.3 * points + 0.4 * (tint - 0.5), 0, 1).astype(np.float32)


def direction(name: str) -> np.ndarray:
    """The feature of a class, (D,) of unit length."""
    feature = seeded(0, 'openshape', name).standard_normal(FEATURE_DIMS)
    return (feature / np.linalg.norm(feature)).astype(np.float32)


def near(name: str, rng: np.random.Generator) -> np.ndarray:
    """A feature of one view or text of a shape, (D,)."""
    noise = rng.standard_normal(FEATURE_DIMS) / FEATURE_DIMS**0.5
    return (direction(name) + 0.5 * noise).astype(np.float32)


def _class_features(names: tuple[str, ...]) -> dict[str, dict[str, np.ndarray]]:
    return {name: {'open_clip_text_feat': direction(name)[None]} for name in names}


def _lvis_record(shape: dict[str, str], name: str) -> dict[str, str]:
    path = f'/mnt/data/{shape_path(shape).as_posix()}'
    return {'uid': shape['id'], 'group': shape['group'], 'category': name, 'data_path': path}


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content))


def _save(path: Path, content: Any) -> None:
    """Writes objects as numpy does, a pickle in a .npy file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    array = np.empty(len(content) if isinstance(content, list) else (), dtype=object)
    array[...] = content
    np.save(path, array, allow_pickle=True)
