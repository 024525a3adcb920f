"""Downstream models against the authors' release."""

import json

import pytest
import torch
from mmengine.registry import init_default_scope
from torch import Tensor

from recon_mm.models.release import from_release, to_release
from recon_mm.registry import MODELS
from tests.models.test_reference import GivenTarget, close
from tests.reference import reference_state_dict, reference_vectors

PART_COUNTS = (4, 2, 2, 4, 4, 3, 3, 2, 4, 2, 6, 2, 3, 3, 3, 3)


@pytest.fixture(autouse=True)
def scope() -> None:
    init_default_scope('recon_mm')


@pytest.fixture
def vectors(reference_dir) -> dict[str, Tensor]:
    return reference_vectors(reference_dir / 'tiny')


@pytest.fixture
def backbone(reference_dir) -> dict:
    config = json.loads((reference_dir / 'tiny' / 'config.json').read_text())
    names = ('embed_dims', 'depth', 'num_heads', 'num_groups', 'group_size')
    return dict(type='ReConTransformer', **{name: config[name] for name in names})


def load(model: torch.nn.Module, folder, table: str | None) -> None:
    """Every weight of the release finds its place, none is left without."""
    state_dict, unknown = from_release(reference_state_dict(folder, table))
    assert unknown == []
    model.load_state_dict(state_dict)
    model.eval()


@pytest.mark.parametrize('protocol', ['full', 'linear'])
def test_classifier(reference_dir, vectors, backbone, protocol) -> None:
    head = dict(type='PointClsHead', embed_dims=96, num_classes=15)
    model = MODELS.build(
        dict(type='PointClassifier', backbone=backbone, head=head, protocol=protocol)
    )
    load(model, reference_dir / 'tiny', f'cls_{protocol}')
    close(model(dict(points=vectors['points'])), vectors[f'cls_logits_{protocol}'])


@pytest.mark.parametrize('table', ['svm', 'zeroshot'])
def test_probing_features(reference_dir, vectors, backbone, table) -> None:
    assert GivenTarget  # registers the teacher
    config = dict(type='ReCon', backbone=backbone)
    if table == 'zeroshot':
        for part in ('image', 'text'):
            config[f'{part}_head'] = dict(type='CrossModalHead', embed_dims=96, feature_dims=48)
            config[f'{part}_teacher'] = dict(type='GivenTarget', key=part)
    else:
        config['masking'] = dict(type='RandomMasking')
        config['neck'] = dict(type='MaskedPointDecoder', embed_dims=96, depth=1, num_heads=3)
        config['reconstruction_head'] = dict(type='ReconstructionHead', embed_dims=96)
    model = MODELS.build(config)
    state_dict, unknown = from_release(reference_state_dict(reference_dir / 'tiny', table))
    assert unknown == []
    keys = model.load_state_dict(state_dict, strict=False)
    assert keys.unexpected_keys == []
    samples = model.eval()(dict(points=vectors['points']), mode='predict')
    name = {'svm': 'feature', 'zeroshot': 'zeroshot_feature'}[table]
    expected = vectors[f'{table}_feature']
    close(torch.stack([sample.get(name) for sample in samples]), expected)


def test_part_segmentation(reference_dir) -> None:
    vectors = reference_vectors(reference_dir / 'partseg')
    model = MODELS.build(
        dict(
            type='PartSegmentor',
            backbone=dict(type='ReConTransformer', num_groups=128, out_indices=(3, 7, 11)),
            neck=dict(type='FeaturePropagation'),
            head=dict(type='PartSegHead', parts_per_category=PART_COUNTS),
        )
    )
    load(model, reference_dir / 'partseg', None)
    inputs = dict(points=vectors['points'], category=vectors['shape_category'])
    with torch.no_grad():
        close(model(inputs).log_softmax(2), vectors['log_probs'])


@pytest.mark.parametrize(
    ('folder', 'table'), [('tiny', 'cls_full'), ('tiny', 'cls_linear'), ('partseg', None)]
)
def test_round_trip(reference_dir, folder, table) -> None:
    release = reference_state_dict(reference_dir / folder, table)
    ours, unknown = from_release(release)
    assert unknown == []
    back, unknown = to_release(ours, encoder_prefix='')
    assert unknown == []
    assert set(back) == set(release)
    assert all(torch.equal(back[name], release[name]) for name in release)
