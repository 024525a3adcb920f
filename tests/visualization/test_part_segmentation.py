"""Picture of predicted against true parts."""

import numpy as np

from recon_mm.visualization import draw_parts

PALETTE = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]


def test_colors_and_titles() -> None:
    rng = np.random.default_rng(0)
    clouds = [rng.normal(size=(size, 3)) for size in (8, 4)] * 4
    truth = [np.arange(len(cloud)) % 2 for cloud in clouds]
    predicted = [np.where(labels == 1, 2, labels) for labels in truth]
    figure = draw_parts(clouds, truth, predicted, PALETTE, [f'shape {i}' for i in range(8)])
    axes = figure.axes
    assert len(axes) == 4 * 4  # two bands of four
    titles = [axis.get_title() for axis in axes]
    assert titles[:2] == ['shape 0: true', 'shape 1: true']
    assert titles[4] == 'predicted, 50 % right'
    assert titles[8:12] == [f'shape {i}: true' for i in range(4, 8)]
    figure.canvas.draw()
    colors = axes[4].collections[0].get_facecolors()[:, :3]
    assert {tuple(color) for color in colors} == {(1.0, 0.0, 0.0), (0.0, 0.0, 1.0)}
