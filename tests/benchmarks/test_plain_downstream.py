"""The plain forms of the downstream steps compute what the package computes."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from benchmarks.plain import PlainClassifier, PlainPartSegmentor
from benchmarks.plain.points import group
from recon_mm.models.release import to_release
from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

DIMS, HEADS, DEPTH, BATCH = 24, 2, 3, 5
BACKBONE: dict[str, Any] = dict(
    type='ReConTransformer', embed_dims=DIMS, depth=DEPTH, num_heads=HEADS, num_groups=16,
    group_size=8, out_indices=(0, 1, 2),
)  # fmt: skip
PARTS = (2, 3, 1)


def build(cfg: dict) -> Any:
    init_default_scope('recon_mm')
    model = MODELS.build(cfg)
    with torch.no_grad():
        for parameter in model.parameters():  # as initialized, all clouds look much the same
            parameter.add_(0.1 * torch.randn_like(parameter))
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    find_groups = model.backbone.group
    model.backbone.group = lambda points: type(patches := find_groups(points))(
        *(t.double() if t.is_floating_point() else t for t in patches)
    )
    return model.double().train()


def compare(ours: Any, plain: nn.Module, loss: Tensor, expected: Tensor) -> None:
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    loss.backward()
    expected.backward()
    gradients, _ = to_release({name: p.grad for name, p in ours.named_parameters()})
    for name, parameter in plain.named_parameters():
        assert parameter.grad is not None, name
        error = (gradients[name] - parameter.grad).norm()
        # A bias before batch normalization has no gradient but rounding.
        assert error <= 1e-4 * parameter.grad.norm() + 1e-6, name


def load(plain: nn.Module, ours: Any) -> None:
    state, unknown = to_release(ours.state_dict())
    assert unknown == []
    plain.double().train().load_state_dict(state)
    for module in plain.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0


def test_classification() -> None:
    head = dict(type='PointClsHead', embed_dims=DIMS, num_classes=4)
    ours = build(dict(type='PointClassifier', backbone=BACKBONE, head=head))
    plain = PlainClassifier(DIMS, DEPTH, HEADS, 4, drop_path_rate=0.0)
    load(plain, ours)
    points, labels = torch.rand(BATCH, 64, 3), torch.tensor([0, 1, 2, 3, 1])
    samples = [PointDataSample(gt_label=label[None]) for label in labels]
    loss = ours(dict(points=points), samples, mode='loss')['loss']
    center, neighborhood = (t.double() for t in group(points, 16, 8))
    compare(ours, plain, loss, F.cross_entropy(plain(neighborhood, center), labels))


def test_part_segmentation() -> None:
    ours = build(
        dict(
            type='PartSegmentor',
            backbone=BACKBONE,
            neck=dict(type='FeaturePropagation', embed_dims=DIMS, num_levels=3),
            head=dict(type='PartSegHead', embed_dims=DIMS, num_classes=6, parts_per_category=PARTS),
        )
    )
    plain = PlainPartSegmentor(DIMS, DEPTH, HEADS, (0, 1, 2), 3, 6, drop_path_rate=0.0)
    load(plain, ours)
    points, labels = torch.rand(BATCH, 64, 3), torch.randint(6, (BATCH, 64))
    category = torch.tensor([0, 1, 2, 2, 1])
    samples = [PointDataSample(gt_part=label) for label in labels]
    inputs = dict(points=points.double(), category=category)
    loss = ours(inputs, samples, mode='loss')['loss']
    center, neighborhood = (t.double() for t in group(points, 16, 8))
    logits = plain(points.double(), neighborhood, center, category)
    compare(ours, plain, loss, F.cross_entropy(logits.flatten(0, 1), labels.flatten()))
