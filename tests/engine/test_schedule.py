"""The learning-rate schedule against its formula."""

import math

import pytest
import torch
from mmengine.config import Config

from recon_mm.registry import PARAM_SCHEDULERS


def expected_lr(epoch: int, epochs: int, warmup: int, lr: float, lowest: float) -> float:
    if epoch < warmup:
        return lowest + (lr - lowest) * epoch / warmup
    return lowest + (lr - lowest) * 0.5 * (1 + math.cos(math.pi * epoch / epochs))


def test_pretraining_schedule_is_the_release_s() -> None:
    cfg = Config.fromfile('configs/_base_/schedules/pretrain_300e.py')
    lr = cfg.optim_wrapper.optimizer.lr
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=lr)
    schedulers = [
        PARAM_SCHEDULERS.build(dict(optimizer=optimizer, **scheduler))
        for scheduler in cfg.param_scheduler
    ]
    for epoch in range(cfg.train_cfg.max_epochs):
        expected = expected_lr(epoch, 300, 10, lr, 1e-6)
        assert optimizer.param_groups[0]['lr'] == pytest.approx(expected, rel=1e-9), epoch
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()


def test_fine_tuning_schedule_starts_every_group_at_the_lowest_rate() -> None:
    cfg = Config.fromfile('configs/recon/classification_scanobjectnn_obj_bg_full.py')
    lr = cfg.optim_wrapper.optimizer.lr
    groups = [
        dict(params=[torch.nn.Parameter(torch.zeros(1))], lr=lr * factor) for factor in (1, 10)
    ]
    optimizer = torch.optim.SGD(groups, lr=lr)
    schedulers = [
        PARAM_SCHEDULERS.build(dict(optimizer=optimizer, **scheduler))
        for scheduler in cfg.param_scheduler
    ]
    for epoch in range(cfg.train_cfg.max_epochs):
        for group, factor in zip(optimizer.param_groups, (1, 10)):
            expected = expected_lr(epoch, 300, 10, lr * factor, 1e-6)
            assert group['lr'] == pytest.approx(expected, rel=1e-9), (epoch, factor)
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
