"""The picture of a reconstruction."""

from pathlib import Path

import numpy as np
from matplotlib.image import imread

from recon_mm.visualization import draw_reconstructions


def test_panels_show_their_clouds(tmp_path: Path) -> None:
    """Three panels per row; an empty reconstruction leaves fewer inked pixels than a full one."""
    rng = np.random.default_rng(0)
    clouds = [rng.uniform(-1, 1, (200, 3)) for _ in range(2)]
    inked = []
    for name, predicted in (('few', clouds[0][:2]), ('many', clouds[0])):
        figure = draw_reconstructions(clouds, [c[:50] for c in clouds], [predicted] * 2, ['a', 'b'])
        assert len(figure.axes) == 6
        assert [axis.get_title() for axis in figure.axes[:3]] == [
            *('input', 'visible patches', 'reconstruction')
        ]
        path = tmp_path / f'{name}.png'
        figure.savefig(path)
        picture = imread(path)[..., :3]
        right = picture[:, 2 * picture.shape[1] // 3 :]
        inked.append((right.min(-1) < 0.95).sum())
    assert inked[1] > 1.5 * inked[0]
