"""The log says which teacher each modality has."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.dataset import BaseDataset, ConcatDataset
from mmengine.runner import Runner
from torch import nn

from recon_mm.datasets.transforms import LoadTeacherFeatures
from recon_mm.engine.teacher_report import report_teachers
from recon_mm.models.heads import CrossModalHead
from recon_mm.models.teachers import CachedTeacher, TimmImageTeacher
from tests.stores import store_features


class Samples(BaseDataset):
    METAINFO = {}

    def load_data_list(self):
        return [{'sample_id': 'a'}]


def test_one_line_per_modality(tmp_path) -> None:
    pytest.importorskip('timm')
    made_from = {
        'teacher': {'type': 'SentenceTransformerTeacher', 'model_name': 'm', 'weights': 'w'},
        'trained': True,
    }
    features = np.array([[[1, 1, 1], [3, 1, 1]]], np.float32)  # their mean: 2, 1, 1
    store_features(tmp_path / 'text', features, ['a'], **made_from)
    reader = LoadTeacherFeatures(str(tmp_path / 'text'), key='text_features')
    dataset = ConcatDataset([Samples(pipeline=[reader])])
    model = nn.Module()
    model.teachers = nn.ModuleDict(
        {
            'image': TimmImageTeacher('test_vit', pretrained=None),
            'text': CachedTeacher(3, 'text_features'),
            'other': CachedTeacher(5, 'other_features'),
        }
    )
    heads = {name: CrossModalHead(8, 3) for name in model.teachers}
    model.heads = nn.ModuleDict(heads)
    image, text, other = report_teachers(model, dataset)
    assert image.startswith('image teacher: TimmImageTeacher test_vit, weights: untrained, seed 0')
    assert image.endswith('width 64, NOT TRAINED')
    assert text == (
        'text teacher: SentenceTransformerTeacher m, weights: w, width 3, trained, stored; '
        'loss_text of their mean: 0.1667'
    )
    predicted = torch.tensor([[2.0, 1, 1]]).expand(2, 3)
    assert F.smooth_l1_loss(torch.from_numpy(features[0]), predicted).item() == pytest.approx(1 / 6)
    assert other.startswith('other teacher: unknown, weights: unknown, width 5, whether trained')
    assert report_teachers(nn.Linear(1, 1), dataset) == []


def test_a_run_logs_them(tiny_config) -> None:
    cfg = tiny_config('pretrain_demo_trained')
    cfg.log_level, cfg.train_cfg.val_interval = 'INFO', 5
    cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
    Runner.from_cfg(cfg).train()
    (log,) = Path(cfg.work_dir).glob('*/*.log')
    lines = [line for line in log.read_text().splitlines() if ' teacher: ' in line]
    assert 'TimmImageTeacher tf_efficientnet_lite0' in lines[0] and 'width 1280' in lines[0]
    assert 'SentenceTransformerTeacher' in lines[1] and 'width 384' in lines[1]
