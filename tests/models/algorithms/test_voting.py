import pytest
import torch
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint, set_random_seed

import recon_mm.datasets  # noqa: F401 - registers the transforms
from recon_mm.models import VotingTTA
from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample
from tests.models.algorithms.test_classifier import BACKBONE, HEAD

CLASSIFIER = dict(type='PointClassifier', backbone=BACKBONE, head=HEAD)
VIEWS = dict(
    shared_transforms=[dict(type='BatchFurthestPointSample', num_points=80)],
    vote_transforms=[
        dict(type='BatchRandomSample', num_points=64),
        dict(type='BatchRandomScale', scale=(0.5, 2.0)),
    ],
)


@pytest.fixture(autouse=True)
def scope() -> None:
    init_default_scope('recon_mm')


def build(**kwargs) -> VotingTTA:
    return MODELS.build(dict(type='VotingTTA', module=CLASSIFIER) | VIEWS | kwargs).eval()


def data() -> dict:
    samples = [PointDataSample(metainfo=dict(sample_id=str(i))) for i in range(2)]
    return dict(inputs=dict(points=torch.rand(2, 100, 3)), data_samples=samples)


def test_average_of_the_logits_of_all_views() -> None:
    model, batch, seen = build(num_votes=3), data(), []
    handle = model.module.register_forward_hook(
        lambda module, args, logits: seen.append((args[0]['points'], logits))
    )
    with torch.no_grad():
        samples = model.test_step(batch)
    handle.remove()
    assert len(seen) == 3
    assert all(points.shape == (2, 64, 3) for points, _ in seen)
    assert not torch.equal(seen[0][0], seen[1][0])
    average = sum(logits for _, logits in seen) / 3
    for sample, original, logits in zip(samples, batch['data_samples'], average):
        torch.testing.assert_close(sample.pred_score, logits.softmax(0))
        assert sample.sample_id == original.sample_id


def test_one_seed_one_result() -> None:
    model, batch = build(num_votes=2), data()
    scores = []
    with torch.no_grad():
        for seed in (1, 1, 2):
            set_random_seed(seed)
            scores.append(model.test_step(batch)[0].pred_score)
    assert torch.equal(scores[0], scores[1])
    assert not torch.equal(scores[0], scores[2])


def test_loads_the_checkpoint_of_the_model_alone(tmp_path) -> None:
    source, path = MODELS.build(CLASSIFIER), tmp_path / 'classifier.pth'
    torch.save(dict(state_dict=source.state_dict()), path)
    model = build()
    load_checkpoint(model, str(path), map_location='cpu', strict=True)
    assert torch.equal(model.module.head.layers[0].weight, source.head.layers[0].weight)
