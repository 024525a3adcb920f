"""The visualizer sends pictures of clouds to every backend."""

from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.image import imread
from mmengine.visualization import Visualizer

from recon_mm.registry import VISUALIZERS
from recon_mm.structures import PointDataSample
from recon_mm.visualization import PointCloudVisualizer

POINTS = np.random.default_rng(0).normal(size=(60, 3))


@pytest.fixture
def visualizer(tmp_path: Path) -> PointCloudVisualizer:
    backends = [dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')]
    built = VISUALIZERS.build(
        dict(
            type='PointCloudVisualizer',
            name=tmp_path.name,
            vis_backends=backends,
            save_dir=str(tmp_path),
        )
    )
    assert Visualizer.get_current_instance() is built
    return built


def test_every_backend_gets_the_picture(visualizer, tmp_path: Path) -> None:
    event = pytest.importorskip('tensorboard.backend.event_processing.event_accumulator')
    visualizer.add_datasample('chair', POINTS, step=3)
    visualizer.close()
    (file,) = tmp_path.rglob('chair_3.png')
    height, width, _ = imread(file).shape
    log = event.EventAccumulator(str(tmp_path / 'vis_data'))
    log.Reload()
    (image,) = log.Images('chair')
    assert (image.step, image.height, image.width) == (3, height, width)


def test_what_a_sample_says(visualizer) -> None:
    visualizer.dataset_meta = dict(
        classes=('mug', 'bag'), part_names=('body', 'handle'), palette=[(1, 1, 1), (2, 2, 2)]
    )
    parts = dict(pred_part=np.arange(60) % 2, gt_part=np.zeros(60, int))
    clouds = visualizer.clouds_of(POINTS, parts, 'x')
    assert [cloud.title for cloud in clouds] == ['x: true', 'predicted, IoU 25 %']
    (true,) = visualizer.clouds_of(POINTS, dict(gt_part=np.ones(60, int)), 'x')
    assert (true.title, true.legend) == ('x', (('handle', (2, 2, 2)),))
    label = dict(pred_label=np.array([1]), pred_score=np.array([0.2, 0.8]), gt_label=np.array([0]))
    (cloud,) = visualizer.clouds_of(POINTS, label)
    assert cloud.title == 'bag 80 %' and cloud.legend[0][0] == 'wrong, is mug'
    visualizer.dataset_meta = None
    (cloud,) = visualizer.clouds_of(POINTS, dict(pred_label=np.array([1])))
    assert cloud.title == 'class 1'
    (cloud,) = visualizer.clouds_of(POINTS, dict(pred_part=np.arange(60) % 2))
    assert [name for name, _ in cloud.legend] == ['part 0', 'part 1']


def test_a_file_in_place_of_the_backends(visualizer, tmp_path: Path) -> None:
    sample = PointDataSample()
    sample.pred_part = torch.arange(60) % 2
    sample.gt_part = torch.zeros(60, dtype=torch.int64)
    for name, options in (('both', {}), ('truth', dict(draw_pred=False))):
        visualizer.add_datasample(
            name, POINTS, sample, out_file=tmp_path / f'{name}.png', **options
        )
    both, truth = (imread(tmp_path / f'{name}.png') for name in ('both', 'truth'))
    assert both.shape[1] == 2 * truth.shape[1]
    assert not (tmp_path / 'vis_data/vis_image').exists()
