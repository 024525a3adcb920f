import pytest
import torch
from mmengine.registry import init_default_scope

from recon_mm.models import PartSegmentor
from recon_mm.models.layers import SyncBatchNorm
from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

BACKBONE = dict(
    type='ReConTransformer',
    embed_dims=24,
    depth=3,
    num_heads=2,
    num_groups=8,
    group_size=8,
    out_indices=(0, 2),
)
PARTS = dict(num_classes=5, parts_per_category=(2, 3))
SCENE = dict(num_classes=5)


def build(head: dict, channels: int = 3, levels: int = 2) -> PartSegmentor:
    init_default_scope('recon_mm')
    shared = dict(embed_dims=24, num_levels=levels)
    return MODELS.build(
        dict(
            type='PartSegmentor',
            backbone=BACKBONE,
            neck=dict(type='FeaturePropagation', point_dims=channels, out_dims=32, **shared),
            head=dict(type='PartSegHead', point_dims=32, **shared, **head),
        )
    )


def batch(channels: int = 3) -> tuple[dict, list[PointDataSample]]:
    inputs = dict(points=torch.rand(2, 64, channels), category=torch.tensor([0, 1]))
    samples = [
        PointDataSample(gt_part=torch.randint(0, 2, (64,))),
        PointDataSample(gt_part=torch.randint(2, 5, (64,))),
    ]
    return inputs, samples


def test_prediction_stays_within_the_category() -> None:
    model = build(PARTS).eval()
    inputs, samples = batch()
    predicted = model(inputs, samples, mode='predict')
    assert set(predicted[0].pred_part.tolist()) <= {0, 1}
    assert set(predicted[1].pred_part.tolist()) <= {2, 3, 4}
    swapped = model({**inputs, 'category': torch.tensor([1, 0])}, mode='predict')
    assert set(swapped[0].pred_part.tolist()) <= {2, 3, 4}


def test_every_parameter_learns() -> None:
    model = build(PARTS).train()
    losses = model(*batch(), mode='loss')
    losses['loss'].backward()
    assert 1.0 < losses['loss'].item() < 2.5
    assert [name for name, p in model.named_parameters() if p.grad is None] == []


def test_train_and_eval_mode_agree_where_statistics_do() -> None:
    """The folded, split layers of eval mode against the plain ones of training."""
    model = build(PARTS)
    model.head.dropout.p = 0.0
    norms = [module for module in model.modules() if isinstance(module, SyncBatchNorm)]
    assert len(norms) == 7
    for norm in norms:
        norm.momentum = 1.0
    inputs, _ = batch()
    in_training = model.train()(inputs)
    for norm in norms:  # running variances are the unbiased ones, here over 2 * 64 rows
        norm.running_var *= 1 - 1 / 128
    model.eval().head.label_norm.train()  # which has two rows only
    torch.testing.assert_close(model(inputs), in_training, rtol=1e-3, atol=1e-4)


def test_scenes_have_colors_and_no_category() -> None:
    model = build(SCENE, channels=6).train()
    inputs, samples = batch(channels=6)
    del inputs['category']
    model(inputs, samples, mode='loss')['loss'].backward()
    model.eval()
    logits = model(inputs)
    assert logits.shape == (2, 64, 5)
    recolored = torch.cat([inputs['points'][..., :3], torch.rand(2, 64, 3)], dim=2)
    assert not torch.allclose(model(dict(points=recolored)), logits)
    predicted = model(inputs, mode='predict')
    assert predicted[0].pred_part.shape == (64,)


def test_errors() -> None:
    with pytest.raises(ValueError, match='num_levels=3'):
        build(PARTS, levels=3)
    with pytest.raises(ValueError, match='adds up to 3'):
        build(dict(num_classes=5, parts_per_category=(1, 2)))
    inputs, samples = batch()
    with pytest.raises(ValueError, match="inputs\\['category'\\]"):
        build(PARTS).eval()(dict(points=inputs['points']))
    with pytest.raises(ValueError, match='point_dims=6'):
        build(SCENE, channels=6).eval()(inputs)
    few = [PointDataSample(gt_part=sample.gt_part[:32]) for sample in samples]
    with pytest.raises(ValueError, match='part labels for'):
        build(PARTS)(inputs, few, mode='loss')
