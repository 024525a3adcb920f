"""Pictures: coverage, hidden surfaces, framing, determinism."""

import numpy as np
import pytest

from demo import rendering
from demo.objects import make_object, seeded

pytest.importorskip('trimesh')


def test_picture_is_an_object_on_white():
    picture = rendering.render(make_object('chair', seeded(0)), seeded(1))
    assert picture.shape == (224, 224, 3)
    assert picture.dtype == np.uint8
    drawn = (picture < 250).any(-1)
    assert 0.03 < drawn.mean() < 0.9
    assert not drawn[0].any() and not drawn[-1].any() and not drawn[:, 0].any()
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    assert max(np.ptp(rows), np.ptp(columns)) > 150  # it fills the frame
    assert len(np.unique(picture[drawn], axis=0)) > 10  # it is shaded


def test_same_seed_same_picture_other_seed_other_view():
    shape = make_object('car', seeded(0))
    first, same, other = (rendering.render(shape, seeded(s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert (first != other).any()
