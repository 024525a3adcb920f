import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from recon_mm.models.teachers import TeacherFeatureCache
from recon_mm.models.teachers.cache import FEATURES, FINISHED

pytest.importorskip('timm')
ROOT = Path(__file__).parents[2]
TOOL = ROOT / 'tools' / 'cache_teacher_features.py'
CONFIG = """
default_scope = 'recon_mm'
custom_imports = dict(imports=['cache_tool_data'])
model = dict(
    type='ReCon',
    image_teacher=dict(type='TimmImageTeacher', model_name='test_vit', pretrained=None),
)
train_dataloader = dict(
    dataset=dict(
        type='CacheToolDataset',
        pipeline=[
            dict(type='LoadPointsThatAreNotThere'),
            dict(type='LoadDrawnImage'),
            dict(type='NoisyImage'),
            dict(type='PackPointInputs', input_keys=('images',)),
        ],
    )
)
"""


@pytest.fixture(scope='module')
def tool():
    spec = importlib.util.spec_from_file_location('cache_teacher_features', TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    path = tmp_path / 'config.py'
    path.write_text(CONFIG)
    return path


@pytest.fixture
def arguments(config, tmp_path):
    """Of the tool, without ``--out``."""
    return [
        str(config), '--views', '3', '--batch-size', '4', '--num-workers', '0', '--device', 'cpu'
    ]  # fmt: skip


def test_writes_every_view_and_says_what_it_needs(tool, arguments, tmp_path, capsys):
    tool.main([*arguments, '--out', str(tmp_path / 'cache'), '--dtype', 'float32'])
    printed = capsys.readouterr().out
    assert '6 samples x 3 views x 64 features, float32' in printed
    assert 'disk space    0.000 GB' in printed
    cache = TeacherFeatureCache(
        tmp_path / 'cache',
        expect={
            'teacher': {'type': 'TimmImageTeacher', 'model_name': 'test_vit'},
            'augmentation': [{'type': 'LoadDrawnImage'}, {'type': 'NoisyImage'}],
            'feature_dims': 64,
        },
    )
    assert cache.sample_ids == [f'chair-{i}' for i in range(6)]
    features = np.stack([cache.read(f'chair-{i}', k) for i in range(6) for k in range(3)])
    distance = torch.cdist(torch.from_numpy(features), torch.from_numpy(features))
    assert distance[~torch.eye(18, dtype=torch.bool)].min() > 1e-3  # no two views are the same


def test_views_are_what_the_teacher_says(tool, arguments, tmp_path):
    from mmengine.config import Config

    from recon_mm.registry import DATASETS, MODELS

    tool.main([*arguments, '--out', str(tmp_path / 'cache'), '--dtype', 'float32'])
    cfg = Config.fromfile(arguments[0])
    dataset_cfg = cfg.train_dataloader.dataset.to_dict()
    tool.reduce_pipelines(dataset_cfg)
    dataset = DATASETS.build(dataset_cfg)
    ids = [f'chair-{i}' for i in range(6)]
    _, image = tool.ImageViews(dataset, ids, num_views=3, seed=0)[2 * 3 + 1]
    expected = MODELS.build(cfg.model.image_teacher)({'images': image[None]})
    stored = TeacherFeatureCache(tmp_path / 'cache').read('chair-2', 1)
    np.testing.assert_allclose(stored, expected[0].numpy(), rtol=1e-3, atol=1e-4)


def test_killed_and_resumed_equals_uninterrupted(tool, arguments, tmp_path, monkeypatch, capsys):
    arguments = [*arguments, '--cfg-options', 'train_dataloader.dataset.num_samples=12']
    tool.main([*arguments, '--out', str(tmp_path / 'whole')])

    killed = tmp_path / 'killed'
    environment = {
        **os.environ,
        'PYTHONPATH': os.pathsep.join([str(ROOT), str(Path(__file__).parent)]),
        'SECONDS_PER_IMAGE': '0.1',
    }
    with subprocess.Popen(
        [sys.executable, str(TOOL), *arguments, '--out', str(killed)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        deadline = time.monotonic() + 60
        while not (killed / FINISHED).exists() or np.load(killed / FINISHED).sum() < 8:
            assert process.poll() is None, 'the tool ended before it could be killed'
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    finished = int(np.load(killed / FINISHED).sum())
    assert 8 <= finished < 36
    with pytest.raises(ValueError, match='not computed yet'):
        TeacherFeatureCache(killed)

    capsys.readouterr()
    tool.main([*arguments, '--out', str(killed)])
    assert f'continues     {finished} of 36 are there' in capsys.readouterr().out
    whole = np.load(tmp_path / 'whole' / FEATURES)
    np.testing.assert_array_equal(np.load(killed / FEATURES), whole)
    TeacherFeatureCache(killed)


def test_worker_processes_do_not_change_the_result(tool, arguments, tmp_path):
    tool.main([*arguments, '--out', str(tmp_path / 'none')])
    arguments[arguments.index('--num-workers') + 1] = '2'
    tool.main([*arguments, '--out', str(tmp_path / 'two')])
    a, b = (np.load(tmp_path / name / FEATURES) for name in ('none', 'two'))
    np.testing.assert_array_equal(a, b)


def test_refuses_to_continue_with_other_settings(tool, arguments, tmp_path):
    tool.main([*arguments, '--out', str(tmp_path / 'cache')])
    with pytest.raises(ValueError, match='made with another seed'):
        tool.main([*arguments, '--out', str(tmp_path / 'cache'), '--seed', '1'])
    options = ['--cfg-options', 'model.image_teacher.pre_logits=True']
    with pytest.raises(ValueError, match=r'made with another teacher\.pre_logits'):
        tool.main([*arguments, '--out', str(tmp_path / 'cache'), *options])


def test_refuses_a_disk_that_is_too_small(tool, arguments, tmp_path):
    arguments[arguments.index('--views') + 1] = str(10**13)
    with pytest.raises(OSError, match='GB free'):
        tool.main([*arguments, '--out', str(tmp_path / 'cache')])
    assert not (tmp_path / 'cache').exists()


@pytest.mark.parametrize(
    ('option', 'message'),
    [
        ('model.image_teacher=None', 'expected a teacher that computes features from images'),
        ('model.image_teacher.pretrained=nowhere.pth', 'no such weight file'),
        ('train_dataloader.dataset.pipeline=[]', 'has no image transforms'),
    ],
)
def test_configs_without_a_live_teacher(tool, arguments, tmp_path, option, message):
    with pytest.raises((ValueError, FileNotFoundError), match=message):
        tool.main([*arguments, '--out', str(tmp_path / 'cache'), '--cfg-options', option])


def test_cached_teacher_is_refused(tool, config, arguments, tmp_path):
    live = "dict(type='TimmImageTeacher', model_name='test_vit', pretrained=None)"
    assert live in CONFIG
    config.write_text(CONFIG.replace(live, "dict(type='CachedImageTeacher', feature_dims=64)"))
    with pytest.raises(ValueError, match='expected a teacher that computes features from images'):
        tool.main([*arguments, '--out', str(tmp_path / 'cache')])


def test_pipelines_of_wrapped_data_sets(tool):
    def part(size):
        return {'pipeline': [{'type': 'LoadPoints'}, {'type': 'AugmentImage', 'size': size}]}

    joined = {'type': 'ConcatDataset', 'datasets': [part(224), {'dataset': part(224)}]}
    assert tool.reduce_pipelines(joined) == [{'type': 'AugmentImage', 'size': 224}]
    assert joined['datasets'][1]['dataset']['pipeline'] == [{'type': 'AugmentImage', 'size': 224}]
    with pytest.raises(ValueError, match='expected one image pipeline'):
        tool.reduce_pipelines({'type': 'ConcatDataset', 'datasets': [part(224), part(32)]})


def test_images_that_cannot_be_used(tool):
    class Replacing:
        def __getitem__(self, row):
            return {'sample_id': 'chair-7', 'images': np.zeros((4, 4, 3), np.uint8)}

    with pytest.raises(ValueError, match="'chair-0' cannot be read and 'chair-7' took its place"):
        tool.ImageViews(Replacing(), ['chair-0'], 1, 0)[0]
    images = [(0, torch.zeros(3, 4, 4)), (1, torch.zeros(3, 4, 5))]
    with pytest.raises(ValueError, match=r'sizes \[\(4, 4\), \(4, 5\)\]'):
        tool.collate(images)


def test_batches_are_cut_at_fixed_places(tool):
    finished = np.zeros((3, 3), bool)
    finished.flat[[0, 1, 2, 3, 5]] = True
    assert tool.unfinished_batches(finished, 4) == [[4, 5, 6, 7], [8]]
