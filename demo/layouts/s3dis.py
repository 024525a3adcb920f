"""S3DIS in mmdet3d's layout: rooms as binary files and an info pickle per area."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import NamedTuple

from demo.objects import seeded
from demo.request import Request
from demo.rooms import make_room
from demo.runner import Runner

FOLDER = 's3dis'
ROOMS = {1: 1, 2: 1, 3: 1, 4: 1, 5: 2, 6: 1}  # rooms by area; area 5 is the usual test set
NUM_POINTS = 30_000


class RoomJob(NamedTuple):
    """One room to make."""

    folder: Path
    seed: int
    area: int
    index: int


def write(request: Request, run: Runner) -> None:
    """Writes six areas; the number of rooms does not depend on ``request.counts``."""
    for name in ('points', 'semantic_mask'):
        (request.folder / name).mkdir()
    jobs = [
        RoomJob(request.folder, request.seed, area, index)
        for area, count in ROOMS.items()
        for index in range(1, count + 1)
    ]
    infos = run(write_room, jobs, 'S3DIS')
    for area in ROOMS:
        rooms = [info for info, job in zip(infos, jobs) if job.area == area]
        content = {'metainfo': {'DATASET': 'S3DIS'}, 'data_list': rooms}
        with (request.folder / f's3dis_infos_Area_{area}.pkl').open('wb') as file:
            pickle.dump(content, file)


def write_room(job: RoomJob) -> dict:
    """Writes the two files of one room; returns its info."""
    room = make_room(seeded(job.seed, 's3dis', job.area, job.index), NUM_POINTS)
    file = f'Area_{job.area}_room_{job.index}.bin'
    room.points.tofile(job.folder / 'points' / file)
    room.semantic.tofile(job.folder / 'semantic_mask' / file)
    return {
        'lidar_points': {'num_pts_feats': 6, 'lidar_path': file},
        'pts_semantic_mask_path': file,
    }
