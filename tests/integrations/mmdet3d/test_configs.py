"""Every config for mmdet3d: built by mmdet3d, a step and predictions on random and real scenes."""

import json
import math
from pathlib import Path

import pytest
import torch

pytest.importorskip('mmdet3d', reason='needs mmdet3d (requirements/mmdet3d.txt)')

from mmdet3d.apis import inference_detector
from mmdet3d.registry import MODELS
from mmdet3d.testing import create_detector_inputs
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmengine.utils import import_modules_from_strings

from recon_mm.integrations.mmdet3d import ReConSceneBackbone, point_ops_on_cpu
from tests.integrations.mmdet3d.small import NAMES, small_config, use_samples


def build(cfg):
    import_modules_from_strings(**cfg.custom_imports)
    init_default_scope(cfg.default_scope)
    return MODELS.build(cfg.model)


def random_scenes(cfg):
    """Two scenes of 2000 points and three boxes, with what the config's heads learn from."""
    is_lidar = cfg.model.type == 'PointRCNN'
    head = cfg.model.get('decode_head') or cfg.model.get('rpn_head') or cfg.model.bbox_head
    has_masks = cfg.train_dataloader.dataset.get('dataset', {}).get('type') == 'ScanNetDataset'
    scenes = [
        create_detector_inputs(
            seed=seed,
            num_points=2000,
            points_feat_dim=cfg.model.backbone.in_channels,
            num_gt_instance=3,
            num_classes=head.num_classes,
            gt_bboxes_dim=7,
            bboxes_3d_type='lidar' if is_lidar else 'depth',
            with_img=False,
            with_pts_semantic_mask=has_masks or 'decode_head' in cfg.model,
            with_pts_instance_mask=has_masks,
        )
        for seed in (0, 1)
    ]
    return {
        'inputs': {'points': [scene['inputs']['points'][0] for scene in scenes]},
        'data_samples': [scene['data_samples'][0] for scene in scenes],
    }


@pytest.mark.parametrize('name', NAMES)
def test_loss_gradients_and_predictions_on_random_scenes(name):
    cfg = small_config(name)
    model = build(cfg)
    assert isinstance(model.backbone, ReConSceneBackbone)
    data = model.data_preprocessor(random_scenes(cfg), training=True)
    with point_ops_on_cpu():
        loss, values = model.parse_losses(model(**data, mode='loss'))
        loss.backward()
        assert len(values) >= 2 and all(value.isfinite() for value in values.values())
        without = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None]
        assert not without  # otherwise data parallelism over several GPUs waits forever
        model.eval()
        # GroupFree3D of mmdet3d 1.4 predicts one scene at a time, as its configs test; a segmentor
        # itself appends a point's place in the room (S3DIS), the last three of its channels.
        points = data['inputs']['points'][0]
        if cfg.model.test_cfg.get('use_normalized_coord'):
            points = points[:, :-3]
        one = {
            'inputs': {'points': [points]},
            'data_samples': data['data_samples'][:1],
        }
        with torch.no_grad():
            (prediction,) = model(**one, mode='predict')
    if 'decode_head' in cfg.model:
        mask = prediction.pred_pts_seg.pts_semantic_mask
        assert mask.shape == (2000,) and mask.max() < cfg.model.decode_head.num_classes
    else:
        found = prediction.pred_instances_3d
        assert len(found.bboxes_3d) == len(found.scores_3d) == len(found.labels_3d)
        assert found.bboxes_3d.tensor.isfinite().all()


@pytest.mark.parametrize(
    ('name', 'file'),
    [
        ('votenet_recon_8xb8_scannet-3d', 'scannet_demo/scene0000_00.bin'),
        ('votenet_recon_8xb16_sunrgbd-3d', 'sunrgbd_demo/000017.bin'),
        ('point-rcnn_recon_8xb2_kitti-3d-3class', 'kitti_demo/000008.bin'),
    ],
)
def test_predicts_on_whole_scenes(name, file, samples_dir):
    """20,000 to 50,000 points at once, as they come from the scanner, by mmdet3d's inference."""
    cfg = small_config(name)
    model = build(cfg).eval()
    model.cfg = cfg
    with point_ops_on_cpu():
        result, data = inference_detector(model, str(samples_dir / file))
    points = data['inputs']['points']
    assert points.shape[0] > 16_000 and points.shape[1] == cfg.model.backbone.in_channels
    boxes = result.pred_instances_3d.bboxes_3d.tensor
    assert boxes.shape[1] == 7 and boxes.isfinite().all()


def scalars(work_dir: Path) -> list[dict]:
    files = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


@pytest.mark.parametrize('name', NAMES)
def test_trains_and_tests_on_sample_scenes(name, samples_dir, tmp_path):
    """The config's data set, pipeline, schedule, hooks and metric, by mmdet3d's Runner."""
    cfg = small_config(name)
    use_samples(cfg, samples_dir, repeat=2)
    cfg.work_dir = str(tmp_path)
    cfg.visualizer.name = str(tmp_path)  # one per name and process: it writes the scalars
    cfg.train_cfg.update(max_epochs=2, val_interval=2)
    cfg.default_hooks.logger.interval = 1
    cfg.default_hooks.checkpoint.interval = 1
    if cfg.model.type == 'PointRCNN':  # KITTI's metric computes its overlaps with numba on a GPU
        cfg.update(val_dataloader=None, val_cfg=None, val_evaluator=None)
    Runner.from_cfg(cfg).train()
    lines = scalars(tmp_path)
    losses = [line['loss'] for line in lines if 'loss' in line]
    assert len(losses) == 2 and all(math.isfinite(loss) for loss in losses)
    assert (tmp_path / 'epoch_2.pth').is_file()
    if cfg.model.type != 'PointRCNN':
        assert {'mAP_0.25', 'miou'} & set(lines[-1])


@pytest.mark.cuda
def test_kitti_metric(samples_dir, tmp_path):
    cfg = small_config('point-rcnn_recon_8xb2_kitti-3d-3class')
    use_samples(cfg, samples_dir, repeat=2)
    annotations = str(samples_dir / 'kitti_demo/000008.pkl')
    cfg.val_evaluator.ann_file = cfg.test_evaluator.ann_file = annotations
    cfg.work_dir = str(tmp_path)
    cfg.train_cfg.update(max_epochs=1, val_interval=1)
    Runner.from_cfg(cfg).train()
    assert any('AP40' in key for key in scalars(tmp_path)[-1])
