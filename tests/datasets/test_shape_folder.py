"""A folder or a list of shapes as samples: categories, splits, views, and what is refused."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from torch.utils.data import DataLoader

from recon_mm.datasets import DataError, ShapeFolder
from recon_mm.datasets.seeding import EpochSampler
from recon_mm.datasets.shape_lists import list_shapes
from recon_mm.datasets.shape_splits import split_of
from recon_mm.datasets.transforms import LoadRenderedImage
from tests.stores import store_features
from tests.tiny import ROOT, shrink

LOAD = [dict(type='LoadPoints', min_points=64)]


def folder_of(root: Path, categories: tuple[str, ...] = ('night stand', 'Chair'), count=8) -> Path:
    """Clouds of 40 points as text; the first of each category is there twice."""
    for number, category in enumerate(categories):
        (root / category).mkdir(parents=True)
        for index in range(count):
            cloud = np.random.default_rng([number, index]).normal(size=(40, 3))
            np.savetxt(root / category / f'{index}.xyz', cloud)
        shutil.copy(root / category / '0.xyz', root / category / 'copy.xyz')
    return root


def dataset(root: Path, split: str = 'all', **options: Any) -> ShapeFolder:
    return ShapeFolder(str(root), split=split, num_points=64, pipeline=LOAD, **options)


def splits(data: ShapeFolder) -> dict[str, str]:
    infos = [data.get_data_info(index) for index in range(len(data))]
    return {info['sample_id']: info['split'] for info in infos}


def test_folders_are_categories(tmp_path: Path) -> None:
    data = dataset(folder_of(tmp_path))
    assert data.metainfo['classes'] == ('Chair', 'night stand')
    assert len(data) == 18
    ids = list(splits(data))
    assert ids[0] == 'Chair/0' and ids[-1] == 'night_stand/copy'
    assert [data.get_cat_ids(index)[0] for index in (0, 17)] == [0, 1]
    sample = data[0]
    assert sample['points'].shape == (64, 3) and sample['points'].dtype == np.float32
    assert len(np.unique(sample['points'], axis=0)) == 40
    rotated = dataset(tmp_path, up='z')
    np.testing.assert_array_equal(
        np.sort(rotated[0]['points'][:, 1]), np.sort(sample['points'][:, 2])
    )


def test_splits_last_and_hold_duplicates_together(tmp_path: Path) -> None:
    folder_of(tmp_path, ('a', 'b'), count=30)
    before = splits(dataset(tmp_path, val_fraction=0.3, test_fraction=0.2))
    counts = [list(before.values()).count(split) for split in ('train', 'val', 'test')]
    assert sum(counts) == 62 and counts[0] > 20 and min(counts[1:]) > 4
    assert before['a/0'] == before['a/copy'] and before['b/0'] == before['b/copy']
    for index in range(30, 40):
        np.savetxt(
            tmp_path / 'a' / f'{index}.xyz', np.random.default_rng(index).normal(size=(40, 3))
        )
    after = splits(dataset(tmp_path, val_fraction=0.3, test_fraction=0.2))
    assert {key: after[key] for key in before} == before
    assert len(dataset(tmp_path, 'trainval', val_fraction=0.3, test_fraction=0.2)) < len(after)
    shares = [split_of(content, 0.25) for content in range(1000)]
    assert 200 < shares.count('val') < 300


def test_what_is_no_shape_beside_shapes(tmp_path: Path) -> None:
    folder_of(tmp_path, ('a',), count=2)
    for name in (
        'classes.txt',
        'a/buffer.bin',
        'a/b.gltf',
        'a/.hidden.obj',
        '.cache/c.obj',
        'a/d.png',
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [entry.path for entry in list_shapes(tmp_path)]
    assert found == ['a/0.xyz', 'a/1.xyz', 'a/b.gltf', 'a/copy.xyz']


def test_categories_may_be_links(tmp_path: Path) -> None:
    folder_of(tmp_path / 'elsewhere', ('a',), count=1)
    (tmp_path / 'shapes').mkdir()
    (tmp_path / 'shapes/b').symlink_to(tmp_path / 'elsewhere/a')
    (tmp_path / 'shapes/loop').symlink_to(tmp_path / 'shapes')
    assert [entry.id for entry in list_shapes(tmp_path / 'shapes')] == ['b/0', 'b/copy']


def test_ids_are_safe_names_and_differ(tmp_path: Path) -> None:
    for name in ('Büro stuhl/a b/x.obj', 'Büro stuhl/y.obj', 'Büro stuhl/y.ply'):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    ids = [entry.id for entry in list_shapes(tmp_path)]
    assert ids == ['Büro_stuhl/a_b-x', 'Büro_stuhl/y', 'Büro_stuhl/y-ply']


def test_without_categories(tmp_path: Path) -> None:
    for index in range(3):
        np.save(tmp_path / f'{index}.npy', np.random.default_rng(index).normal(size=(40, 3)))
    data = dataset(tmp_path)
    assert data.metainfo['classes'] == ('shape',)
    assert list(splits(data)) == ['0', '1', '2']


def test_a_list_and_prepared_views(tmp_path: Path) -> None:
    import cv2

    for name in ('x', 'y'):
        (tmp_path / 'points').mkdir(exist_ok=True)
        np.save(tmp_path / 'points' / f'{name}.npy', np.random.default_rng(0).normal(size=(64, 3)))
        for view in range(3):
            file = tmp_path / 'views' / 'lamp' / name / f'{view}.png'
            file.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(file), np.full((8, 8, 3), 50 * view, np.uint8))
    lines = ['path,category,caption,split,id', 'points/x.npy,lamp,"a red, tall lamp",train,lamp/x']
    (tmp_path / 'shapes.csv').write_text('\n'.join([*lines, 'points/y.npy,lamp,,val,lamp/y']))
    data = dataset(tmp_path, 'train', with_images=True)
    assert splits(data) == {'lamp/x': 'train'}
    assert not (tmp_path / '.recon_cache').exists()  # arrays are read as they are
    sample = data[0]
    assert sample['points_path'].endswith('points/x.npy')
    assert [Path(path).name for path in sample['image_paths']] == ['0.png', '1.png', '2.png']
    np.random.seed(0)  # noqa: NPY002
    load = LoadRenderedImage()
    seen = {int(load.transform(dict(sample))['images'][0, 0, 0]) for _ in range(30)}
    assert seen == {0, 50, 100}
    shutil.rmtree(tmp_path / 'views' / 'lamp' / 'y')
    with pytest.raises(DataError, match=r'y/0\.png.*recon-mm prepare'):
        dataset(tmp_path, 'val', with_images=True).full_init()


@pytest.mark.parametrize('kind', ['xyz', 'npy'])
def test_a_list_says_which_axis_is_up(tmp_path: Path, kind: str) -> None:
    points = np.random.default_rng(0).normal(size=(64, 3))
    for name in 'abc':
        file = tmp_path / f'{name}.{kind}'
        np.save(file, points) if kind == 'npy' else np.savetxt(file, points)
    lines = ['path,split,up', f'a.{kind},train,z', f'b.{kind},train,', f'c.{kind},train,y']
    (tmp_path / 'shapes.csv').write_text('\n'.join(lines))
    for default, axes in (('y', (2, 1, 1)), ('x', (2, 0, 1))):
        data = dataset(tmp_path, up=default)
        for index, axis in enumerate(axes):
            height = np.sort(data[index]['points'][:, 1])
            np.testing.assert_allclose(height, np.sort(points[:, axis]), atol=1e-6)


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('path\n../outside.xyz\n', 'nothing outside it is read'),
        ('path\n/etc/passwd\n', 'nothing outside it is read'),
        ('path,id\na.xyz,../../x\n', 'nothing outside it is read'),
        ('path,split\na.xyz,training\n', "the split 'training'"),
        (
            'path,up\na.xyz,up\n',
            "line 2, says of 'a.xyz' that up is 'up', expected one of x, -x",
        ),
        ('file\na.xyz\n', "has the columns \\['file'\\], expected 'path'"),
        ('path\nabsent.xyz\n', 'do not exist'),
        ('path\na.xyz\na.xyz\n', 'would both have the id'),
        ('path\n', 'holds no shape'),
    ],
)
def test_lists_that_are_refused(text: str, message: str, tmp_path: Path) -> None:
    np.savetxt(tmp_path / 'a.xyz', np.random.default_rng(0).normal(size=(40, 3)))
    (tmp_path / 'shapes.csv').write_text(text)
    with pytest.raises(DataError, match=message):
        dataset(tmp_path)


def test_bad_shapes_are_all_named(tmp_path: Path) -> None:
    folder_of(tmp_path, ('a',), count=2)
    for name in ('bad', 'worse'):
        (tmp_path / 'a' / f'{name}.obj').write_text('v 0 0\n')
    with pytest.raises(DataError, match=r'(?s)bad\.obj.*worse\.obj'):
        dataset(tmp_path)
    with pytest.raises(DataError, match=r'no folder'):
        dataset(tmp_path / 'nowhere')
    (tmp_path / 'empty').mkdir()
    with pytest.raises(DataError, match=r'holds no shape'):
        dataset(tmp_path / 'empty')


def test_a_split_without_shapes_is_named(tmp_path: Path) -> None:
    folder_of(tmp_path, ('a',), count=2)
    with pytest.raises(DataError, match=r"no shape of the split 'val' \(train 3, val 0, test 0\)"):
        dataset(tmp_path, 'val', val_fraction=0.0)


def test_several_features_of_each_shape_whoever_reads_them(tmp_path: Path) -> None:
    """The draw of a sample in an epoch does not depend on the number of workers."""
    data = dataset(folder_of(tmp_path / 'shapes'))
    ids = list(splits(data))
    values = np.random.default_rng(0).normal(size=(len(ids), 13, 4)).astype(np.float32)
    store_features(tmp_path / 'features', values, ids)
    steps = [
        dict(type='LoadTeacherFeatures', path=str(tmp_path / 'features'), rows=9),
        dict(type='PackPointInputs', input_keys=('image_features',)),
    ]
    data = ShapeFolder(str(tmp_path / 'shapes'), split='all', num_points=64, pipeline=steps)

    def read(epoch: int, workers: int) -> torch.Tensor:
        sampler = EpochSampler(data, shuffle=False, seed=3)
        sampler.set_epoch(epoch)
        loader = DataLoader(data, 5, sampler=sampler, num_workers=workers, collate_fn=list)
        return torch.stack([s['inputs']['image_features'] for batch in loader for s in batch])

    drawn = read(1, 0)
    assert drawn.shape == (18, 9, 4)
    for found, stored in zip(drawn.tolist(), values.tolist()):
        assert len({tuple(row) for row in found} & {tuple(row) for row in stored}) == 9
    assert torch.equal(read(1, 2), drawn)
    assert not torch.equal(read(2, 0), drawn)


def test_pretraining_and_its_probe_on_a_raw_folder(tmp_path: Path, monkeypatch) -> None:
    """What configs/_base_/datasets/shape_folder.py sets up, without views."""
    root = folder_of(tmp_path / 'shapes', count=10)
    monkeypatch.setenv('RECON_DATA', str(root))
    monkeypatch.setattr('mmengine.config.config.FormatCode', lambda text, **_: (text, True))
    bases = ['default_runtime', 'models/recon_pretrain', 'datasets/shape_folder']
    bases = [
        str(ROOT / f'configs/_base_/{name}.py') for name in (*bases, 'schedules/pretrain_300e')
    ]
    (tmp_path / 'own.py').write_text(f'_base_ = {bases}')
    cfg = Config.fromfile(tmp_path / 'own.py')
    cfg.model.modalities = dict(image=None, text=None)
    cfg.train_dataloader.dataset.with_images = False
    cfg.train_dataloader.dataset.pipeline = [
        dict(type='LoadPoints', min_points=1024),
        dict(type='PackPointInputs', input_keys=('points',)),
    ]
    shrink(cfg, '', tmp_path)
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.dataset.update(indices=None, val_fraction=0.4)
    cfg.work_dir = str(tmp_path / 'work')
    runner = Runner.from_cfg(cfg)
    runner.train()
    metrics = runner.val_loop.run()  # type: ignore[union-attr]
    assert set(metrics) == {'svm/accuracy'}
