"""Features of many clouds on a plane: near each other if the network finds them alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from recon_mm.datasets.palettes import distinct_colors
from recon_mm.utils import require
from recon_mm.utils.figures import new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def embed_on_plane(
    features: np.ndarray, method: Literal['tsne', 'pca'] = 'tsne', seed: int = 0
) -> np.ndarray:
    """Features ``(S, D)`` to ``(S, 2)``, by scikit-learn.

    Args:
        features: One row per cloud, at least three.
        method: ``'tsne'`` keeps neighbors together (distances between groups say little);
            ``'pca'`` is linear.
        seed: Decides the start of t-SNE.

    Raises:
        ValueError: If there are fewer than three clouds, or the method is unknown.
    """
    if len(features) < 3:
        raise ValueError(f'{len(features)} clouds: expected at least 3 to compare')
    if method == 'pca':
        decomposition = require('sklearn.decomposition', 'probing')
        return decomposition.PCA(2).fit_transform(features)
    if method != 'tsne':
        raise ValueError(f"method {method!r}, expected 'tsne' or 'pca'")
    manifold = require('sklearn.manifold', 'probing')
    perplexity = min(30.0, (len(features) - 1) / 3)
    embedded = manifold.TSNE(perplexity=perplexity, init='pca', random_state=seed)
    return embedded.fit_transform(features)


def draw_embedding(
    plane: np.ndarray, labels: np.ndarray, names: Sequence[str], title: str = ''
) -> Figure:
    """One dot per cloud in the color of its class, the name of each class at its middle.

    Args:
        plane: ``(S, 2)``, as :func:`embed_on_plane` gives it.
        labels: Class of each cloud, int ``(S,)``.
        names: Of the classes.
        title: What stands above.
    """
    effects = require('matplotlib.patheffects', 'probing')
    figure = new_figure(8, 7)
    axis: Any = figure.add_subplot()
    halo = [effects.withStroke(linewidth=2.5, foreground='white')]
    style = dict(fontsize=9, fontweight='bold', ha='center', va='center', path_effects=halo)
    present = np.unique(labels)
    colors = np.array(distinct_colors(len(present))) / 255
    groups = [plane[labels == label] for label in present]
    places = _apart(np.stack([np.median(group, axis=0) for group in groups]), np.ptp(plane, axis=0))
    for label, color, dots, place in zip(present, colors, groups, places):
        axis.scatter(*dots.T, s=14, color=color, linewidths=0, alpha=0.75)
        axis.text(*place, names[label], color=0.75 * color, **style)
    axis.set(xticks=[], yticks=[], title=f'{title} ({len(plane)} clouds)'.strip())
    axis.margins(0.08)
    return figure


def _apart(places: np.ndarray, extent: np.ndarray) -> np.ndarray:
    """Moves places of names ``(L, 2)`` up or down until none covers another."""
    places = places[order := np.argsort(places[:, 1])].copy()
    width, height = 0.14 * extent[0], 0.028 * extent[1]
    for i in range(1, len(places)):
        for other in range(i):
            beside = abs(places[i, 0] - places[other, 0]) > width
            if not beside and places[i, 1] - places[other, 1] < height:
                places[i, 1] = places[other, 1] + height
    return places[np.argsort(order)]
