import pytest
import torch
from mmengine.registry import init_default_scope

from recon_mm.models import PointClassifier
from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample

BACKBONE = dict(
    type='ReConTransformer', embed_dims=24, depth=2, num_heads=2, num_groups=8, group_size=8
)
HEAD = dict(type='PointClsHead', embed_dims=24, num_classes=5)


def build(**kwargs) -> PointClassifier:
    init_default_scope('recon_mm')
    return MODELS.build(dict(type='PointClassifier', backbone=BACKBONE, head=HEAD, **kwargs))


def batch(size: int = 4) -> tuple[dict, list[PointDataSample]]:
    samples = [PointDataSample(gt_label=torch.tensor([i % 5])) for i in range(size)]
    return dict(points=torch.rand(size, 64, 3)), samples


def trained(model: PointClassifier) -> set[str]:
    """Names of the parameters that one step changes."""
    optimizer = torch.optim.SGD((p for p in model.parameters() if p.requires_grad), lr=1.0)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    model.train()
    model(*batch(), mode='loss')['loss'].backward()
    optimizer.step()
    return {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}


@pytest.mark.parametrize('protocol', ['mlp3', 'linear'])
def test_only_head_and_3d_token_are_trained(protocol) -> None:
    model = build(protocol=protocol)
    names = trained(model)
    assert {name for name in names if name.startswith('backbone.')} == {
        'backbone.cls_token',
        'backbone.cls_pos',
    }
    assert len(model.head.layers) == (1 if protocol == 'linear' else 9)
    assert f'head.layers.{len(model.head.layers) - 1}.weight' in names


def test_full_protocol_reaches_every_parameter() -> None:
    model = build()
    model.train()
    model(*batch(), mode='loss')['loss'].backward()
    assert [name for name, p in model.named_parameters() if p.grad is None] == []
    assert model.backbone.blocks[0].attn.qkv.weight.grad.norm() > 0


@pytest.mark.parametrize(('frozen_norm_eval', 'moves'), [(True, False), (False, True)])
def test_statistics_of_the_frozen_part(frozen_norm_eval, moves) -> None:
    model = build(protocol='mlp3', frozen_norm_eval=frozen_norm_eval)
    before = model.backbone.patch_embed.point_norm.running_mean.clone()
    model.train()
    model(*batch(), mode='loss')
    assert torch.equal(before, model.backbone.patch_embed.point_norm.running_mean) != moves
    assert model.head.layers[1].training


def test_predict() -> None:
    model = build().eval()
    inputs, samples = batch(3)
    logits = model(inputs)
    predicted = model(inputs, samples, mode='predict')
    assert [p.pred_label.tolist() for p in predicted] == logits.argmax(1)[:, None].tolist()
    torch.testing.assert_close(predicted[0].pred_score.sum(), torch.tensor(1.0))
    assert predicted[1] is samples[1]
    assert len(model(inputs, mode='predict')) == 3


def test_learns_its_batch() -> None:
    model = build(protocol='full')
    inputs, samples = batch()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    losses = []
    for _ in range(15):
        optimizer.zero_grad()
        loss = model.train()(inputs, samples, mode='loss')['loss']
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [(dict(protocol='half'), "'full', 'mlp3' or 'linear'")],
)
def test_errors(kwargs, message) -> None:
    with pytest.raises(ValueError, match=message):
        build(**kwargs)


def test_missing_label_is_named() -> None:
    with pytest.raises(KeyError, match='gt_label'):
        build()(dict(points=torch.rand(2, 64, 3)), [PointDataSample()] * 2, mode='loss')
