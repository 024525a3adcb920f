"""VoteNet with the ReCon backbone learns a real scene; its checkpoints load unchanged."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

pytest.importorskip('mmdet3d', reason='needs mmdet3d (requirements/mmdet3d.txt)')

import mmdet3d
from mmdet3d.apis import inference_detector, init_model
from mmengine.runner import set_random_seed

from recon_mm.integrations.mmdet3d import point_ops_on_cpu
from tests.integrations.mmdet3d.small import small_config, use_samples
from tests.tiny import ROOT

TRAIN = Path(mmdet3d.__file__).parent / '.mim/tools/train.py'


@pytest.fixture(scope='module')
def trained(samples_dir, tmp_path_factory) -> Path:
    """The work directory of a run of mmdet3d's tools/train.py."""
    work_dir = tmp_path_factory.mktemp('votenet')
    cfg = small_config('votenet_recon_8xb16_sunrgbd-3d')
    use_samples(cfg, samples_dir, repeat=50)
    cfg.work_dir = str(work_dir)
    cfg.train_cfg.update(max_epochs=2, val_interval=2)
    cfg.log_processor.window_size = 1
    cfg.randomness = dict(seed=0)
    cfg.model.test_cfg.score_thr = 0.0
    cfg.default_hooks.logger.interval = 1
    cfg.dump(work_dir / 'config.py')
    command = [sys.executable, str(TRAIN), str(work_dir / 'config.py')]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return work_dir


def test_loss_falls(trained):
    (log,) = trained.glob('*/vis_data/scalars.json')
    losses = [json.loads(line).get('loss') for line in log.read_text().splitlines()]
    losses = [loss for loss in losses if loss is not None]
    assert len(losses) == 50
    assert sum(losses[-10:]) < 0.7 * sum(losses[:10])


def test_checkpoint_round_trip(trained, samples_dir, tmp_path):
    """A loaded detector predicts on a scene file, and the same again after saving and loading.

    Scores and boxes are compared before non-maximum suppression, too: it drops boxes without
    points, and after so short a training these may be all.
    """
    scene = str(samples_dir / 'sunrgbd_demo/000017.bin')
    config, checkpoint = str(trained / 'config.py'), str(trained / 'epoch_2.pth')

    def predict(file: str):
        model = init_model(config, file, device='cpu')
        raw: list[torch.Tensor] = []
        model.bbox_head.conv_pred.register_forward_hook(lambda *args: raw.extend(args[-1]))
        set_random_seed(0)  # which points of the file are taken
        with point_ops_on_cpu():
            found = inference_detector(model, scene)[0].pred_instances_3d
        return model, raw, found

    model, first_raw, first = predict(checkpoint)
    copy = tmp_path / 'copy.pth'
    torch.save({'state_dict': model.state_dict(), 'meta': {}}, copy)
    torch.nn.init.zeros_(model.bbox_head.conv_pred.conv_reg.weight)  # the copy is not a reference
    _, second_raw, second = predict(str(copy))
    assert len(first_raw) == 2  # classes, boxes
    assert all(tensor.isfinite().all() and tensor.std() > 0 for tensor in first_raw)
    assert all(map(torch.equal, first_raw, second_raw))
    assert torch.equal(first.scores_3d, second.scores_3d)
    assert torch.equal(first.bboxes_3d.tensor, second.bboxes_3d.tensor)
