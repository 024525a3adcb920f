"""Damaged files of every kind: a valid sample, or the documented error, and nothing else.

300 mutations per kind; RECON_FUZZ=N tries N. A number is the same mutation in every run.
"""

import json
import os
import pickle
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch

from recon_mm.apis import load_cloud
from recon_mm.datasets import (
    DataError,
    ModelNet,
    ModelNetFewShot,
    S3DISBlocks,
    ShapeFolder,
    ShapeNetPart,
)
from recon_mm.datasets.packing import pack_clouds
from recon_mm.datasets.parsed import FOLDER, ParsedClouds
from recon_mm.datasets.scanobjectnn import read_h5
from recon_mm.datasets.shapenet55 import read_categories
from recon_mm.datasets.storage import FEATURES, PACKED, PARSED, open_store
from recon_mm.datasets.transforms import (
    LoadDepthFeatures,
    LoadOpenShape,
    LoadPoints,
    LoadRenderedImage,
)
from recon_mm.models.teachers.weights import read_weights
from tests.datasets.mutations import mutate, read_mutations
from tests.stores import store_features

MUTATIONS = int(os.environ.get('RECON_FUZZ', '300'))
CLOUD = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32)

Case = tuple[Path, Callable[[], Any]]


def samples(dataset: Any) -> list[dict]:
    np.random.seed(0)  # noqa: NPY002
    return [dataset.get_data_info(index) for index in range(min(len(dataset), 3))]


def npy(root: Path) -> Case:
    file = root / 'a.npy'
    np.save(file, CLOUD)
    return file, lambda: LoadPoints(min_points=32).transform({'points_path': str(file)})


def png(root: Path) -> Case:
    return image(root / 'a.png')


def jpeg(root: Path) -> Case:
    return image(root / 'a.jpeg')


def image(file: Path) -> Case:
    import cv2

    cv2.imwrite(str(file), np.random.default_rng(0).integers(0, 256, (24, 32, 3), np.uint8))
    return file, lambda: LoadRenderedImage().transform({'image_path': str(file)})


def modelnet(root: Path) -> Callable[[], Any]:
    (root / 'chair').mkdir()
    np.savetxt(root / 'chair' / 'chair_0001.txt', np.tile(CLOUD, 2), delimiter=',', fmt='%.4f')
    for name, text in (('shape_names', 'chair\n'), ('train', 'chair_0001\n')):
        (root / f'modelnet40_{name}.txt').write_text(text)
    return lambda: samples(ModelNet(str(root)))


def table(root: Path) -> Case:
    read = modelnet(root)
    return root / 'chair' / 'chair_0001.txt', read


def list_of_shapes(root: Path) -> Case:
    read = modelnet(root)
    return root / 'modelnet40_train.txt', read


def list_of_classes(root: Path) -> Case:
    read = modelnet(root)
    return root / 'modelnet40_shape_names.txt', read


def parsed_array(root: Path) -> Case:
    return parsed(root, 'values.npy')


def parsed_offsets(root: Path) -> Case:
    return parsed(root, 'offsets.npy')


def parsed_header(root: Path) -> Case:
    return parsed(root, 'header.json')


def parsed(root: Path, name: str) -> Case:
    read = modelnet(root)
    read()
    (store,) = (root / FOLDER).glob('modelnet40-train-*')
    return store / name, lambda: ParsedClouds(open_store(store, PARSED))[0]


def pickled_set(root: Path) -> Case:
    read = modelnet(root)
    file = root / 'modelnet40_train_8192pts_fps.dat'
    file.write_bytes(pickle.dumps([[CLOUD, CLOUD + 1], [np.array([0]), np.array([0])]]))
    return file, read


def pickled_fold(root: Path) -> Case:
    file = root / '1way_1shot' / '0.pkl'
    file.parent.mkdir()
    record = (CLOUD, np.array([0]), 'chair')
    file.write_bytes(pickle.dumps({'train': [record, record], 'test': [record]}, protocol=2))
    return file, lambda: samples(ModelNetFewShot(str(root), way=1, shot=1, fold=0))


def openshape(root: Path) -> Case:
    texts = ('text', 'blip_caption', 'msft_caption', 'retrieval_text')
    rows = {'prompt_avg': np.ones((1, 2)), 'original': np.ones((1, 2))}
    array = np.empty((), dtype=object)
    array[()] = {
        'xyz': CLOUD,
        'rgb': np.zeros_like(CLOUD),
        'image_feat': np.ones((3, 2)),
        **{key: ['chair'] for key in texts},
        **{f'{key}_feat': rows if 'caption' in key else [rows] for key in texts},
    }
    np.save(root / 'a.npy', array, allow_pickle=True)
    step = LoadOpenShape(image_rows=3, feature_dims=2)
    return root / 'a.npy', lambda: step.transform({'points_path': str(root / 'a.npy')})['points']


def depth_features(root: Path) -> Case:
    torch.save(torch.from_numpy(CLOUD), root / 'a.pt')
    step = LoadDepthFeatures(image_rows=64, feature_dims=3)
    return root / 'a.pt', lambda: step.transform({'feature_path': root / 'a.pt'})['text_features']


def hdf5(root: Path) -> Case:
    file = root / 'a.h5'
    with h5py.File(file, 'w') as content:
        content['data'] = np.stack([CLOUD, CLOUD + 1])
        content.create_dataset('label', data=np.array([0, 1]), chunks=(1,), compression='gzip')
    return file, lambda: list(read_h5(file, 2))


def json_table(root: Path) -> Case:
    file = root / 'shapenet55.json'
    file.write_text(json.dumps([{'catalogue': n, 'describe': 'chair'} for n in (2, 3001627)]))
    return file, lambda: read_categories(file)


def json_list(root: Path) -> Case:
    file = root / 'train_test_split' / 'shuffled_train_file_list.json'
    for folder in (file.parent, root / '02691156'):
        folder.mkdir()
    table = np.column_stack([CLOUD, CLOUD, np.arange(64) % 4])
    np.savetxt(root / '02691156' / 'a.txt', table, fmt='%.4f')
    (root / 'synsetoffset2category.txt').write_text('Airplane 02691156\n')
    file.write_text(json.dumps(['shape_data/02691156/a', 'shape_data/02691156/a']))
    return file, lambda: samples(ShapeNetPart(str(root)))


def s3dis(root: Path, name: str) -> Case:
    rng = np.random.default_rng(0)
    for folder in ('points', 'semantic_mask'):
        (root / folder).mkdir()
    room = np.column_stack([rng.uniform(0, 2, (200, 3)), rng.integers(0, 256, (200, 3))])
    room.astype(np.float32).tofile(root / 'points' / 'a.bin')
    rng.integers(0, 13, 200).tofile(root / 'semantic_mask' / 'a.bin')
    info = {'lidar_points': {'lidar_path': 'a.bin'}, 'pts_semantic_mask_path': 'a.bin'}
    for area in range(1, 7):
        content = {'metainfo': {}, 'data_list': [info] if area == 5 else []}
        (root / f's3dis_infos_Area_{area}.pkl').write_bytes(pickle.dumps(content))
    return root / name, lambda: samples(S3DISBlocks(str(root), split='test', num_points=64))


def s3dis_points(root: Path) -> Case:
    return s3dis(root, 'points/a.bin')


def s3dis_classes(root: Path) -> Case:
    return s3dis(root, 'semantic_mask/a.bin')


def s3dis_infos(root: Path) -> Case:
    return s3dis(root, 's3dis_infos_Area_5.pkl')


def packed(root: Path, name: str) -> Case:
    files = [root / 'clouds' / f'{synset}.npy' for synset in ('a', 'b')]
    files[0].parent.mkdir()
    for file in files:
        np.save(file, CLOUD)
    pack_clouds(root / 'store', files, workers=1)
    return root / 'store' / name, lambda: open_store(root / 'store', PACKED).read('clouds', 1)


def packed_header(root: Path) -> Case:
    return packed(root, 'header.json')


def packed_array(root: Path) -> Case:
    return packed(root, 'clouds.npy')


def features_header(root: Path) -> Case:
    store_features(root / 'store', np.ones((2, 3, 4), np.float16), ['a', 'b'])

    def read() -> np.ndarray:
        store = open_store(root / 'store', FEATURES)
        return store.read('features', (store.rows(store.header.sample_ids), 0))

    return root / 'store' / 'header.json', read


def cloud_file(file: Path, content: str | bytes | None = None) -> Case:
    if content is None:
        trimesh = pytest.importorskip('trimesh')
        trimesh.creation.box((1, 2, 3)).export(file)
    else:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file, lambda: load_cloud(file)


def text_cloud(root: Path) -> Case:
    return cloud_file(root / 'a.xyz', '\n'.join(f'{x}, {y}, {z}' for x, y, z in CLOUD))


def ply(root: Path) -> Case:
    return cloud_file(root / 'a.ply')


def ascii_ply(root: Path) -> Case:
    rows = '\n'.join(f'{x} {y} {z}' for x, y, z in CLOUD)
    names = ''.join(f'property float {axis}\n' for axis in 'xyz')
    head = f'ply\nformat ascii 1.0\nelement vertex {len(CLOUD)}\n{names}end_header\n'
    return cloud_file(root / 'a.ply', head + rows)


def obj(root: Path) -> Case:
    return cloud_file(root / 'a.obj')


def off(root: Path) -> Case:
    return cloud_file(root / 'a.off')


def stl(root: Path) -> Case:
    return cloud_file(root / 'a.stl')


def glb(root: Path) -> Case:
    return cloud_file(root / 'a.glb')


def gltf(root: Path) -> Case:
    trimesh = pytest.importorskip('trimesh')
    box = trimesh.creation.box((1, 2, 3)).scene()
    for name, content in trimesh.exchange.gltf.export_gltf(box).items():
        (root / name).write_bytes(content)
    return cloud_file(root / 'model.gltf', (root / 'model.gltf').read_bytes())


def headed_table(root: Path) -> Case:
    rows = '\n'.join(f'{i};{x};{y};{z}' for i, (x, y, z) in enumerate(CLOUD))
    return cloud_file(root / 'a.csv', f'id;x;y;z\n{rows}')


def raw_floats(root: Path) -> Case:
    return cloud_file(root / 'a.bin', np.tile(CLOUD, (1, 4))[:, :4].tobytes())


def npz(root: Path) -> Case:
    np.savez_compressed(root / 'a.npz', points=CLOUD)
    return cloud_file(root / 'a.npz', (root / 'a.npz').read_bytes())


def pcd(root: Path) -> Case:
    return pcd_as(root, 'ascii')


def packed_pcd(root: Path) -> Case:
    return pcd_as(root, 'binary_compressed')


def pcd_as(root: Path, encoding: str) -> Case:
    pypcd4 = pytest.importorskip('pypcd4')
    cloud = pypcd4.PointCloud.from_xyz_points(CLOUD)
    cloud.save(root / 'a.pcd', encoding=pypcd4.Encoding(encoding))
    return cloud_file(root / 'a.pcd', (root / 'a.pcd').read_bytes())


def las(root: Path) -> Case:
    return las_as(root / 'a.las')


def laz(root: Path) -> Case:
    pytest.importorskip('lazrs')
    return las_as(root / 'a.laz')


def las_as(file: Path) -> Case:
    laspy = pytest.importorskip('laspy')
    content = laspy.create()
    content.xyz = CLOUD
    content.write(file)
    return cloud_file(file, file.read_bytes())


def list_of_files(root: Path) -> Case:
    np.save(root / 'a.npy', CLOUD)
    lines = 'path,category,caption,split\na.npy,lamp,"a tall, red lamp",train\n'
    (root / 'shapes.csv').write_text(lines)
    return root / 'shapes.csv', lambda: samples(ShapeFolder(str(root)))


def torch_file(root: Path) -> Case:
    file = root / 'a.pth'
    torch.save({'state_dict': {'w': torch.ones(4, 3), 'b': torch.ones(3).half()}}, file)
    return file, lambda: read_weights(str(file))


def old_torch_file(root: Path) -> Case:
    file = root / 'a.pth'
    torch.save({'w': torch.ones(4, 3)}, file, _use_new_zipfile_serialization=False)
    return file, lambda: read_weights(str(file))


def safetensors(root: Path) -> Case:
    file = root / 'a.safetensors'
    library = pytest.importorskip('safetensors.torch')
    library.save_file({'w': torch.ones(4, 3), 'b': torch.ones(3)}, str(file))
    return file, lambda: read_weights(str(file))


DATA = [
    *(npy, table, list_of_shapes, list_of_classes, pickled_set, pickled_fold, hdf5, png, jpeg),
    *(json_table, json_list, s3dis_points, s3dis_classes, s3dis_infos, text_cloud, ply, ascii_ply),
    *(obj, off, stl, glb, gltf, headed_table, raw_floats, npz, pcd, packed_pcd, las, laz),
    *(list_of_files, packed_header, packed_array, features_header),
    *(parsed_header, parsed_array, parsed_offsets, openshape, depth_features),
]
WEIGHTS = [torch_file, old_torch_file, safetensors]


@pytest.mark.parametrize('kind', [*DATA, *WEIGHTS], ids=lambda kind: kind.__name__)
def test_damaged_files(kind: Callable[[Path], Case], tmp_path: Path) -> None:
    file, read = kind(tmp_path)
    read()  # the file is good
    allowed = ValueError if kind in WEIGHTS else DataError
    problem = read_mutations(kind.__name__, file, read, allowed, range(MUTATIONS))
    assert not problem, problem


def test_the_harness_notices(tmp_path: Path) -> None:
    file = tmp_path / 'a.txt'

    def problem(read: Callable[[], Any]) -> str:
        file.write_bytes(bytes(100))
        return read_mutations('self', file, read, DataError, range(3))

    def named() -> None:
        raise DataError('a.txt is bad')

    def unnamed() -> None:
        raise DataError('bad')

    def allocate() -> int:
        return len(bytes(2**36))

    assert problem(named) == ''
    assert problem(lambda: np.ones(3)) == ''
    assert 'mutation 0' in problem(lambda: {}['a'])
    assert 'does not name the file: bad' in problem(unnamed)
    assert 'AssertionError' in problem(lambda: np.full(3, np.nan))
    assert 'ended by signal 9' in problem(lambda: os.kill(os.getpid(), signal.SIGKILL))
    assert 'MemoryError' in problem(allocate)


def test_mutations_differ_and_repeat() -> None:
    content = bytes(range(256)) * 4
    first, again = (
        [mutate(content, np.random.default_rng([7, i])) for i in range(200)] for _ in range(2)
    )
    assert first == again
    assert len(set(first)) > 190
    assert mutate(b'', np.random.default_rng(0)) is not None
