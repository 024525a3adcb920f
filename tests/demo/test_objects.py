"""Recipes and objects: parts, determinism, variety."""

import numpy as np
import pytest

from demo.objects import make_object, seeded
from demo.recipes import RECIPES
from demo.taxonomy import (
    MODELNET10,
    MODELNET40,
    SCANOBJECTNN,
    SHAPENET55,
    SHAPENET_PART,
    recipe_of,
)

pytest.importorskip('trimesh')


@pytest.mark.parametrize('category', sorted(RECIPES))
def test_object_is_finite_normalized_and_labeled(category):
    for index in range(12):
        shape = make_object(category, seeded(3, category, index))
        assert np.isfinite(shape.vertices).all()
        assert np.linalg.norm(shape.vertices, axis=1).max() == pytest.approx(1)
        assert len(shape.face_parts) == len(shape.faces)
        assert shape.faces.max() < len(shape.vertices)
        assert set(np.unique(shape.face_parts)) <= set(range(len(RECIPES[category].parts)))


def test_part_counts_fill_the_50_labels_of_shapenetpart():
    labels = []
    for name, (synset, first) in SHAPENET_PART.items():
        assert synset in SHAPENET55
        labels += range(first, first + len(RECIPES[name.lower()].parts))
    assert labels == list(range(50))


def test_optional_parts_are_sometimes_absent_and_sometimes_there():
    arm = RECIPES['chair'].parts.index('arm')
    seen = {arm in make_object('chair', seeded(0, i)).face_parts for i in range(30)}
    assert seen == {True, False}


def test_same_key_same_object_other_key_other_object():
    first, same = (make_object('lamp', seeded(0, 'train', 1)) for _ in range(2))
    other = make_object('lamp', seeded(0, 'test', 1))
    np.testing.assert_array_equal(first.vertices, same.vertices)
    assert first.vertices.shape != other.vertices.shape or (first.vertices != other.vertices).any()


def test_seed_changes_the_object():
    first, other = (make_object('mug', seeded(seed, 'train', 1)) for seed in (0, 1))
    assert first.vertices.shape != other.vertices.shape or (first.vertices != other.vertices).any()


def test_unknown_category_is_named():
    with pytest.raises(KeyError, match="no recipe makes 'xbox'"):
        make_object('xbox', seeded(0))


def test_every_class_that_a_layout_needs_can_be_made():
    needed = [*SCANOBJECTNN, *MODELNET10, *(name.lower() for name in SHAPENET_PART)]
    assert {recipe_of(name) for name in needed} <= set(RECIPES)
    assert (len(SHAPENET55), len(MODELNET40), len(MODELNET10)) == (55, 40, 10)
