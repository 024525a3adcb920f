"""S3DIS: rooms, cut into blocks of one meter, as PointNet and its followers segment them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.registry import DATASETS

from .base import PointCloudDataset
from .checks import check_file, check_labels, check_name, check_points
from .errors import DataError
from .readers import read_pickle, reading
from .room_blocks import RoomBlocks

AREAS = (1, 2, 3, 4, 5, 6)
COLUMNS = 6  # of a room's file: x y z r g b
MAX_LENGTH = 300  # meters of a room: one damaged coordinate would make a grid without end
TRIES = 10  # places tried for a training block that is not nearly empty


@DATASETS.register_module()
class S3DISBlocks(PointCloudDataset):
    """Blocks of S3DIS rooms, in mmdetection3d's files, in PointNet's protocol.

    A block is a column of ``block_size`` x ``block_size`` meters over the whole height.

    - Training: a block about a random point of a room, ``num_points`` of its points at random
      (drawn again where a block has fewer). Rooms come up as often as they have points; an epoch
      sees about as many points as the rooms have.
    - Test: every block of a grid of ``stride``; its points are dealt, in a fixed random order, to
      as many samples as hold them all. With ``point_index`` a metric can bring the scores of all
      samples of a room together, so that every point of the room is judged once.

    A sample has

    - ``points``, float32 ``(num_points, channels)``: x, y from the block's center and z from the
      room's lowest point, in meters; r g b in 0..1; x y z within the room, in 0..1;
    - ``part_labels``, int64 ``(num_points,)``: the class of each point, 0 to 12;
    - ``point_index``, int64 ``(num_points,)``: the row of each point in the room's file;
    - ``room_points``: how many points the room has; ``sample_id``: the room's name.

    Args:
        data_root: The folder with ``points``, ``semantic_mask`` and the info files.
        split: ``'train'``, or ``'test'`` (only then is the grid taken).
        test_area: The area held out for testing, 5 in the field.
        num_points: Points of a sample.
        channels: 9, or the first 6, or the first 3.
        block_size: Side of a block in meters.
        stride: Step of the test grid in meters; below ``block_size`` blocks overlap and a metric
            averages several views of each point.
        **kwargs: Those of :class:`~recon_mm.datasets.base.PointCloudDataset`.
    """

    METAINFO = {
        'dataset': 'S3DIS',
        'up': 'z',  # y elsewhere
        'classes': (
            'ceiling', 'floor', 'wall', 'beam', 'column', 'window', 'door', 'table', 'chair',
            'sofa', 'bookcase', 'board', 'clutter',
        ),
        'palette': (
            (0, 255, 0), (0, 0, 255), (0, 255, 255), (255, 255, 0), (255, 0, 255),
            (100, 100, 255), (200, 200, 100), (170, 120, 200), (255, 0, 0), (200, 100, 100),
            (10, 200, 100), (200, 200, 200), (50, 50, 50),
        ),
    }  # fmt: skip
    LAYOUT = (
        '  s3dis_infos_Area_<1 to 6>.pkl   as mmdetection3d writes them\n'
        '  points/<room>.bin               float32 x y z r g b of each point\n'
        '  semantic_mask/<room>.bin        int64 class of each point'
    )

    def __init__(
        self,
        data_root: str,
        split: str = 'train',
        test_area: int = 5,
        num_points: int = 4096,
        channels: int = 9,
        block_size: float = 1.0,
        stride: float = 0.5,
        **kwargs: Any,
    ) -> None:
        if channels not in (3, 6, 9):
            raise ValueError(f'S3DISBlocks: channels={channels}, expected 3, 6 or 9')
        self.areas = [a for a in AREAS if (a == test_area) == (split == 'test')]
        self.blocks = RoomBlocks(num_points, channels, block_size, stride)
        self._room: tuple[str, np.ndarray, np.ndarray, np.ndarray] | None = None
        super().__init__(data_root=data_root, split=split, **kwargs)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, '_room': None}

    def load_data_list(self) -> list[dict]:
        """Lists the samples of every room."""
        rooms = [room for area in self.areas for room in self._read_infos(area)]
        samples = self._list_blocks(rooms) if self.split == 'test' else self._list_draws(rooms)
        return [{**sample, 'split': self.split} for sample in samples]

    def get_data_info(self, idx: int) -> dict:
        """A sample: its block is cut out of the room here."""
        info = super().get_data_info(idx)
        xyz, colors, labels = self._read_room(info['points_path'], info['mask_path'])
        if self.split == 'test':
            corner = info['corner']
            inside = self.blocks.rows(xyz, corner, info['part'])
        else:
            corner, inside = self._draw_block(xyz)
            inside = _draw(inside, self.blocks.num_points)
        info['points'] = self.blocks.features(xyz, colors, corner, inside)
        info['part_labels'] = labels[inside]
        info['point_index'] = inside
        return info

    def _read_infos(self, area: int) -> list[dict]:
        """The files of an area's rooms."""
        path = self.root / f's3dis_infos_Area_{area}.pkl'
        what = f'the rooms of area {area}'
        infos = read_pickle(path, what, self.LAYOUT)
        rooms = []
        expected = (
            "'data_list' of 'lidar_points' and 'pts_semantic_mask_path', as mmdetection3d's "
            'tools/create_data.py makes it, version 1.1 or later'
        )
        with reading(path, what, expected):
            for info in infos['data_list']:
                points_name = check_name(info['lidar_points']['lidar_path'], path)
                points = self.root / 'points' / points_name
                mask_name = check_name(info['pts_semantic_mask_path'], path)
                mask = self.root / 'semantic_mask' / mask_name
                rooms.append(
                    {
                        'points_path': str(points),
                        'mask_path': str(mask),
                        'sample_id': points.stem,
                        'room_points': _count_points(points, mask),
                    }
                )
        return rooms

    def _list_draws(self, rooms: list[dict]) -> list[dict]:
        """Each room as often as its points fill a sample, at least once."""
        return [
            room
            for room in rooms
            for _ in range(max(1, room['room_points'] // self.blocks.num_points))
        ]

    def _list_blocks(self, rooms: list[dict]) -> list[dict]:
        """Every block that has points, as many times as its points fill samples."""
        samples = []
        for room in rooms:
            xyz, _, _ = self._read_room(room['points_path'], room['mask_path'])
            blocks = self.blocks.samples(xyz)
            samples += [{**room, 'corner': corner, 'part': part} for corner, part in blocks]
        return samples

    def _draw_block(self, xyz: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The corner and the rows of a block about a random point.

        The fullest of ten places, or the first that fills a quarter of a sample: a block at a
        window with a handful of points teaches little.
        """
        corner, inside = np.zeros(2), np.empty(0, dtype=np.int64)
        for _ in range(TRIES):
            place = xyz[np.random.randint(len(xyz)), :2] - self.blocks.block_size / 2  # noqa: NPY002
            found = self.blocks.inside(xyz, place)
            if len(found) > len(inside):
                corner, inside = place, found
            if len(inside) * 4 >= self.blocks.num_points:
                break
        return corner, inside

    def _read_room(
        self, points_path: str, mask_path: str
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Coordinates from the room's corner (n, 3), colors (n, 3), classes (n,).

        The last room is kept: the samples of a test room follow each other.
        """
        kept = self._room
        if kept is None or kept[0] != points_path:
            _count_points(Path(points_path), Path(mask_path))  # they may have changed since
            room = np.fromfile(points_path, dtype=np.float32).reshape(-1, COLUMNS)
            room = check_points(room, points_path, columns=(COLUMNS,))
            labels = np.fromfile(mask_path, dtype=np.int64)
            check_labels(labels, len(self.metainfo['classes']), mask_path)
            xyz = np.asfortranarray(room[:, :3])  # a coordinate of all points lies together
            xyz -= xyz.min(axis=0)
            if (longest := xyz.max()) > MAX_LENGTH:
                raise DataError(
                    f"'{points_path}' spans {longest:g} meters, expected at most {MAX_LENGTH}. A "
                    f'coordinate is damaged, or not in meters: write the room again.'
                )
            kept = self._room = points_path, xyz, room[:, 3:], labels
        return kept[1:]


def _count_points(points: Path, mask: Path) -> int:
    """How many points a room has, from the sizes of its files, which must agree.

    Raises:
        DataError: If a file is missing, or one is truncated.
    """
    check_file(points, 'the points of a room', S3DISBlocks.LAYOUT)
    check_file(mask, 'the classes of a room', S3DISBlocks.LAYOUT)
    row, label = 4 * COLUMNS, 8
    size, mask_size = points.stat().st_size, mask.stat().st_size
    if size == 0 or size % row or mask_size % label or size // row != mask_size // label:
        raise DataError(
            f"'{points}' has {size} bytes ({size / row:g} points of {row} bytes) and '{mask}' "
            f'{mask_size} bytes ({mask_size / label:g} labels of {label} bytes), expected as many '
            f'whole points as labels. One of them is truncated: write the room again.'
        )
    return size // row


def _draw(rows: Sequence[int] | np.ndarray, count: int) -> np.ndarray:
    """``count`` of the rows at random, again and again only where there are fewer."""
    rows = np.random.permutation(rows)  # noqa: NPY002
    if len(rows) >= count:
        return rows[:count]
    again = np.random.randint(0, len(rows), count - len(rows))  # noqa: NPY002
    return np.concatenate([rows, rows[again]])
