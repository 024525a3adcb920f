"""Operations counted by hand, and by the analysis."""

import pytest
import torch

from recon_mm.apis import get_model
from recon_mm.apis.complexity import analyze

SIZES = dict(embed_dims=24, depth=1, num_heads=2, num_groups=16, group_size=8)


def operations(name: str, **overrides) -> dict[str, int]:
    model = get_model(name, device='cpu', **overrides)
    inputs = dict(points=torch.rand(1, 64, 3), category=torch.tensor([0]))
    return dict(analyze(model, inputs).by_operator())


def test_ops_of_this_package_are_counted() -> None:
    counts = operations('classification_modelnet40_1k_full', backbone=SIZES)
    assert counts['furthest_point_sample'] == 3 * 16 * 64
    assert counts['knn'] == 3 * 16 * 64
    # Patches to patches, and three global tokens to patches: both products of each.
    assert counts['scaled_dot_product_attention'] == 2 * 24 * (16 + 3) * 16
    embedding = 16 * 8 * (3 * 128 + 128 * 256 + 512 * 512 + 512 * 24)
    position = 16 * (3 * 128 + 128 * 24)
    patches = 16 * 12 * 24 * 24  # qkv, proj, and the MLP of four times the width
    tokens = 3 * (24 * 24 * 2 + 8 * 24 * 24) + 16 * 2 * 24 * 24  # q, proj, MLP; kv of the patches
    head = 4 * 24 * 256 + 256 * 256 + 256 * 40
    assert counts['linear'] == embedding + position + patches + tokens + head


def test_interpolation_is_counted() -> None:
    sizes = dict(SIZES, depth=3, out_indices=(0, 1, 2))
    counts = operations('part_segmentation_shapenetpart', backbone=sizes)
    assert counts['embedding_bag'] == 3 * 64 * 3 * 24  # neighbors, points, levels, channels


def test_the_classifier_of_the_paper() -> None:
    model = get_model('classification_modelnet40_1k_full', device='cpu')
    assert sum(p.numel() for p in model.parameters()) == pytest.approx(43.58e6, rel=1e-3)
    total = analyze(model, dict(points=torch.rand(1, 1024, 3))).total()
    assert total == pytest.approx(2.695e9, rel=1e-3)
