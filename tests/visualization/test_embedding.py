"""Features on a plane."""

import numpy as np
import pytest

from recon_mm.visualization import draw_embedding, embed_on_plane

LABELS = np.repeat([0, 2], 20)
FEATURES = np.random.default_rng(0).normal(size=(40, 16)) + 20 * LABELS[:, None]


@pytest.mark.parametrize('method', ['tsne', 'pca'])
def test_clusters_stay_apart(method) -> None:
    plane = embed_on_plane(FEATURES, method)
    assert plane.shape == (40, 2)
    middles = np.stack([plane[label == LABELS].mean(0) for label in (0, 2)])
    spread = max(plane[label == LABELS].std(0).max() for label in (0, 2))
    assert np.linalg.norm(middles[1] - middles[0]) > 2 * spread
    assert (embed_on_plane(FEATURES, method) == plane).all()  # the seed decides


def test_dots_and_names() -> None:
    figure = draw_embedding(FEATURES[:, :2], LABELS, ['a', 'b', 'c'], 'PCA')
    (axis,) = figure.axes
    assert [len(dots.get_offsets()) for dots in axis.collections] == [20, 20]
    assert sorted(text.get_text() for text in axis.texts) == ['a', 'c']
    assert axis.get_title() == 'PCA (40 clouds)'


def test_names_do_not_cover_each_other() -> None:
    plane = np.random.default_rng(0).normal(size=(300, 2))
    names = [f'class {i}' for i in range(10)]
    (axis,) = draw_embedding(plane, np.arange(300) % 10, names).axes
    heights = sorted(text.get_position()[1] for text in axis.texts)
    assert np.diff(heights).min() > 0.02 * np.ptp(plane[:, 1])


def test_refused() -> None:
    with pytest.raises(ValueError, match='at least 3'):
        embed_on_plane(FEATURES[:2])
    with pytest.raises(ValueError, match="expected 'tsne' or 'pca'"):
        embed_on_plane(FEATURES, 'umap')  # pyright: ignore[reportArgumentType]
