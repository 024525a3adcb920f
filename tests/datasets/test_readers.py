"""The table of bad files: each is refused by a DataError that names it and says what is wrong."""

import json
import pickle
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from recon_mm.datasets import DataError, ModelNet, S3DISBlocks, ShapeNet55, ShapeNetPart
from recon_mm.datasets.readers import (
    MAX_PIXELS,
    read_image,
    read_json,
    read_lines,
    read_npy,
    read_pickle,
    read_table,
)

Reader = Callable[[Path], Any]


def npy_header(header: str) -> bytes:
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header.encode()


def npy(descr: str, shape: str, size: int) -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}"
    return npy_header(header) + bytes(size)


def png(width: int, height: int) -> bytes:
    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    chunks = [b'IHDR' + header, b'IDAT' + zlib.compress(bytes(1000)), b'IEND']
    return b'\x89PNG\r\n\x1a\n' + b''.join(
        struct.pack('>I', len(chunk) - 4) + chunk + struct.pack('>I', zlib.crc32(chunk))
        for chunk in chunks
    )


def small_png() -> bytes:
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    return cv2.imencode('.png', image)[1].tobytes()


def lines(path: Path) -> list[str]:
    return read_lines(path, 'a list')


def image(path: Path) -> np.ndarray:
    return read_image(path, 'an image')


def table(path: Path) -> np.ndarray:
    return read_table(path, ',', (3,))


def unpickled(path: Path) -> Any:
    return read_pickle(path, 'arrays')


def parsed(path: Path) -> Any:
    return read_json(path, 'a table')


BAD = [
    (read_npy, b'', r'0 bytes; .*expected a complete \.npy file'),
    (read_npy, b'PK\x03\x04' + bytes(100), 'magic string is not correct'),
    (read_npy, b'\x93NUMPY\x07\x00' + bytes(100), 'not version 1'),
    (read_npy, npy_header('{'), 'Cannot parse header|TokenError'),
    (read_npy, npy_header('(' * 9000), 'Cannot parse header|TokenError|MemoryError|RecursionError'),
    (read_npy, npy_header('"\n'), r'cannot be read \(12 bytes'),
    (read_npy, npy("'<f4'", '(10**9, 3)', 12), r'cannot be read'),
    (read_npy, npy("'<f4'", '(1000000000000, 3)', 12), '12000000000000 bytes, and 12 are there'),
    (read_npy, npy("'<f4'", '(1, 3)', 11), 'are 12 bytes, and 11 are there'),
    (read_npy, npy("'<f4'", '(1, 3)', 13), 'are 12 bytes, and 13 are there'),
    (read_npy, npy("'<f4'", '(-1, -3)', 12), 'negative|can only specify one unknown'),
    (read_npy, npy("'|O'", '(1, 3)', 24), 'OBJECT|object'),
    (read_npy, npy("[('x', '|O')]", '(1,)', 8), 'OBJECT|object'),
    (lines, b'\xff\xfe\x00', 'UnicodeDecodeError.* expected one name per line'),
    (lines, b' \n\n', 'is empty, expected one name per line'),
    (table, b'', r'expected \(N, 3\)|cannot be read'),
    (table, b'1,2,3\n1,2\n', 'columns changed from 3 to 2'),
    (table, b'1,2,3\n4,x,6\n', r"could not convert string 'x'.* expected lines of 3 numbers"),
    (table, b'1,2,3\n\xff,5,6\n', 'UnicodeDecodeError'),
    (table, b'1,2,\0\n', 'could not convert'),
    (table, b'1,' * 100_000 + b'1', r'shape \(1, 100001\), expected \(N, 3\)'),
    (table, b'1,2,3\n4,1e300,6\n', r'point 1 = \[4\.0, 1e\+300, 6\.0\]'),
    (table, b'\x1f\x8b' + bytes(50), 'UnicodeDecodeError'),
    (unpickled, b'', 'no complete pickle'),
    (unpickled, b'\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.', 'no complete pickle'),
    (unpickled, b'(' * 100_000, 'no complete pickle'),
    (unpickled, b'I' + b'9' * 5000 + b'\n.', 'no complete pickle'),
    (parsed, b'[' * 100_000, r'RecursionError.* expected JSON'),
    (parsed, b'{"a":' * 100_000, 'RecursionError'),
    (parsed, b'1' * 5000, 'Exceeds the limit'),
    (parsed, b'\xff', 'UnicodeDecodeError'),
    (image, b'', r'expected a complete image \(PNG or JPEG\)'),
    (image, b'<html>', 'cannot identify image file'),
    (image, png(8193, 8192), f'8193 x 8192 pixels, at most {MAX_PIXELS}'),
    (image, png(2**31 - 1, 2**31 - 1), 'DecompressionBombError|pixels, at most'),
    (image, png(0, 5), 'cannot be read'),
    (image, small_png()[:-30], 'Truncated'),
    (image, small_png()[:500] + b'\x00' + small_png()[501:], 'cannot be read'),
    (image, b'BM' + bytes(60), 'cannot identify image file'),
]  # fmt: skip


@pytest.mark.filterwarnings('ignore')  # of readers that see what is wrong before they refuse it
@pytest.mark.parametrize('number', range(len(BAD)))
def test_bad_files(tmp_path: Path, number: int) -> None:
    read, content, words = BAD[number]
    path = tmp_path / 'bad.file'
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf'(?s)bad\.file.*({words})'):
        read(path)


@pytest.mark.parametrize('read', [read_npy, lines, table, unpickled, parsed, image])
def test_what_is_no_file(tmp_path: Path, read: Reader) -> None:
    for path in (tmp_path, tmp_path / 'absent', tmp_path / ('a' * 5000), tmp_path / 'a\0b'):
        with pytest.raises(DataError, match=r'no file (.|\n)*Restore it'):
            read(path)


@pytest.mark.parametrize(
    'array',
    [
        np.arange(12, dtype='>f8').reshape(4, 3),
        np.asfortranarray(np.arange(12, dtype=np.float32).reshape(4, 3)),
        np.arange(12, dtype=np.int16).reshape(4, 3),
        np.array([['a', 'b']]),
        np.zeros((0, 3)),
    ],
)
def test_good_arrays(tmp_path: Path, array: np.ndarray) -> None:
    np.save(tmp_path / 'a.npy', array)
    found = read_npy(tmp_path / 'a.npy')
    np.testing.assert_array_equal(found, array)
    assert (found.dtype, found.flags.writeable) == (array.dtype, True)


def test_jpeg(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / 'a.png.jpg'), np.full((8, 9, 3), (0, 0, 255), np.uint8))
    found = image(tmp_path / 'a.png.jpg')
    assert found.shape == (8, 9, 3)
    np.testing.assert_allclose(found[4, 4], (255, 0, 0), atol=3)


def test_damaged_files_can_be_skipped(shapenet_root: Path) -> None:
    steps = [dict(type='LoadPoints', min_points=32), dict(type='LoadRenderedImage')]
    pack = dict(type='PackPointInputs', input_keys=('points', 'images'))
    dataset = ShapeNet55(
        str(shapenet_root), with_images=True, skip_corrupt=True, pipeline=[*steps, pack]
    )
    names = [dataset.get_data_info(i)['sample_id'] for i in range(6)]
    clouds, images = shapenet_root / 'shapenet_pc', shapenet_root / 'shapenet_img'
    (clouds / f'{names[0]}.npy').write_bytes(npy_header('(' * 9000))
    (clouds / f'{names[1]}.npy').write_bytes(npy("'<f4'", '(1000000000000, 3)', 12))
    (images / f'{names[2]}.png').write_bytes(png(100_000, 100_000))
    np.save(clouds / f'{names[3]}.npy', np.full((128, 3), 1e300))
    np.save(clouds / f'{names[4]}.npy', np.ones((128, 3)))
    for index in range(6):
        assert dataset[index]['data_samples'].sample_id == names[5]


NAMES = ['../../secret', '/etc/passwd', '..', '.', 'a/../b', 'a\\b', 'a\0b', 'C:x', 'x' * 300]


@pytest.mark.parametrize('name', NAMES)
def test_lists_name_nothing_outside(
    name: str, shapenet_root: Path, modelnet_root: Path, shapenet_part_root: Path, s3dis_root: Path
) -> None:
    """Each list names a file that is there, outside the folder of the data set."""
    refused = r'names .*expected the plain name of a file or a folder'
    (shapenet_root / 'ShapeNet-55' / 'train.txt').write_text(f'02691156-{name}.npy\n{name}\n')
    for skip in (False, True):
        with pytest.raises(DataError, match=rf'(?s)train\.txt.*{refused}'):
            ShapeNet55(str(shapenet_root), skip_corrupt=skip)
    (modelnet_root / 'modelnet40_train.txt').write_text(f'{name}\n')
    with pytest.raises(DataError, match=rf'(?s)modelnet40_train\.txt.*{refused}'):
        ModelNet(str(modelnet_root))
    (modelnet_root / 'modelnet40_shape_names.txt').write_text(f'airplane\n{name}\n')
    with pytest.raises(DataError, match=rf'(?s)modelnet40_shape_names\.txt.*{refused}'):
        ModelNet(str(modelnet_root))
    shapes = shapenet_part_root / 'train_test_split' / 'shuffled_train_file_list.json'
    for entry in (f'shape_data/02691156/{name}/x', f'{name}/02691156/shape0'):
        shapes.write_text(json.dumps([entry]))
        with pytest.raises(DataError, match=rf'(?s)shuffled_train_file_list\.json.*{refused}'):
            ShapeNetPart(str(shapenet_part_root))
    info = {'lidar_points': {'lidar_path': name}, 'pts_semantic_mask_path': name}
    good = {'lidar_points': {'lidar_path': 'Area_5_office_1.bin'}, 'pts_semantic_mask_path': name}
    for record in (info, good):
        content = pickle.dumps({'data_list': [record]})
        (s3dis_root / 's3dis_infos_Area_5.pkl').write_bytes(content)
        with pytest.raises(DataError, match=rf'(?s)s3dis_infos_Area_5\.pkl.*{refused}'):
            S3DISBlocks(str(s3dis_root), split='test')


@pytest.mark.parametrize(
    'content',
    [
        [5, 5],
        [[np.ones((4, 3))], ['x']],
        [[np.ones((4, 3))], [2**70]],
        [[np.ones((4, 3))], [np.zeros(0)]],
        {'a': 1, 'b': 2},
        7,
        [[None], [0]],
        [[np.ones((4, 3)), np.eye(3)], [0]],
        [[np.ones((4, 3))], [0]],
        [[np.array([[1.0, 2, 3], [1 + 1e-12, 2, 3]])], [0]],
    ],
    ids=str,
)
def test_pickles_of_other_content(modelnet_root: Path, content: Any) -> None:
    path = modelnet_root / 'modelnet40_train_8192pts_fps.dat'
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(DataError, match=r'8192pts_fps\.dat'):
        ModelNet(str(modelnet_root))


def test_rooms_without_end(s3dis_root: Path) -> None:
    path = s3dis_root / 'points' / 'Area_5_office_1.bin'
    room = np.fromfile(path, np.float32)
    room[6] = 1e9
    room.tofile(path)
    with pytest.raises(DataError, match=r'Area_5_office_1\.bin.* spans 1e\+09 meters.* most 300'):
        S3DISBlocks(str(s3dis_root), split='test')
    room[6] = 1e30
    room.tofile(path)
    with pytest.raises(DataError, match=r'Area_5_office_1\.bin.*first: point 1 = \[1\.0'):
        S3DISBlocks(str(s3dis_root), split='test')


def test_hostile_pickles_leave_no_marker(tmp_path: Path) -> None:
    marker = tmp_path / 'marker'

    class Attack:
        def __reduce__(self) -> tuple:
            return Path.touch, (marker,)

    attacks = [
        (b"cos\nsystem\n(S'touch " + str(marker).encode() + b"'\ntR.", unpickled),
        (pickle.dumps([Attack()]), unpickled),
    ]
    np.save(tmp_path / 'a.npy', np.array([Attack()], dtype=object), allow_pickle=True)
    attacks += [((tmp_path / 'a.npy').read_bytes(), read_npy), (pickle.dumps(Attack()), read_npy)]
    for content, read in attacks:
        (tmp_path / 'hostile').write_bytes(content)
        with pytest.raises(DataError, match='hostile'):
            read(tmp_path / 'hostile')
    assert not marker.exists()
