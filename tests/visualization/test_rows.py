"""Rows of clouds as a figure, and as files."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from recon_mm.utils.figures import figure_image
from recon_mm.visualization import draw_rows, labeled_cloud, plain_cloud, save_rows, valued_cloud
from recon_mm.visualization.rows import PIXELS, in_lines, render_row, trim

POINTS = np.random.default_rng(0).normal(size=(50, 3))
PLAIN = plain_cloud(POINTS, 'plain')
PARTS = labeled_cloud(POINTS, np.arange(50) % 2, ['wing', 'tail'], [(9, 9, 9), (9, 99, 9)], 'parts')
VALUES = valued_cloud(POINTS, np.arange(50.0), 'meters', 'values')


def test_panels_titles_legend_and_color_bar() -> None:
    figure = draw_rows([[PLAIN, PARTS, VALUES] * 2, [PLAIN]], 'all')
    panels = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title() for axis in panels] == ['plain', 'parts', 'values'] * 2 + ['plain']
    legends = [axis.get_legend() for axis in figure.axes if axis.get_legend()]
    assert [text.get_text() for text in legends[0].get_texts()] == ['wing', 'tail']
    bars = [bar for axis in figure.axes for bar in axis.child_axes]
    assert [bar.get_xlabel() for bar in bars] == ['meters'] * 2 and bars[0].get_xlim() == (0, 49)
    assert len(legends) == 2 and figure.get_suptitle() == 'all'


def test_nothing_is_cut_off() -> None:
    """The frame of the picture stays white, and every text lies inside."""
    figure = draw_rows([[PLAIN, PARTS, VALUES]], 'all')
    image = figure_image(figure)
    frame = np.ones(image.shape[:2], bool)
    frame[2:-2, 2:-2] = False
    assert (image[frame] == 255).all()


def test_texts_keep_to_their_panels() -> None:
    """Long titles are wrapped, long legends get more lines: no text reaches a neighbor's."""
    names = [f'long class {i}' for i in range(13)]
    labels = np.arange(50) % 13
    scene = labeled_cloud(POINTS, labels, names, [(9, 9, 9)] * 13, '02691156-' + 'a1' * 24)
    figure = draw_rows([[scene, scene, VALUES, PLAIN], [scene, PLAIN, PLAIN]])
    figure_image(figure)
    texts = [axis.title for axis in figure.axes if axis.get_title()]
    texts += [axis.get_legend() for axis in figure.axes if axis.get_legend()]
    boxes = [text.get_window_extent().padded(-2) for text in texts]
    boxes += [axis.get_window_extent() for axis in figure.axes if axis.images]
    assert len(boxes) == 7 + 3 + 7
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])


def test_pictures_of_a_line_are_cut_alike() -> None:
    flat = render_row([plain_cloud(POINTS * [1, 0.1, 1])] * 2)
    assert flat[0].shape == (PIXELS, PIXELS, 3)
    assert trim(flat)[0].shape[0] < 0.7 * PIXELS
    tall = trim(flat + render_row([PLAIN]))
    assert tall[0].shape == tall[2].shape and tall[0].shape[0] > 0.7 * PIXELS


def test_short_rows_share_a_line() -> None:
    pair, four = [PLAIN, PARTS], [PLAIN] * 4
    lengths = [[len(row) for row in line] for line in in_lines([pair, pair, [], pair, four, pair])]
    assert lengths == [[2, 2, 2], [4, 2]]
    assert [len(line) for line in in_lines([pair] * 4)] == [2, 2]  # not three and one
    assert in_lines([]) == in_lines([[]]) == []
    assert [len(line) for line in in_lines([[PLAIN] * 16, [PLAIN]])] == [1, 1]


def test_the_suffix_decides(tmp_path: Path) -> None:
    rows = [[PLAIN, PARTS], [VALUES]]
    for name in ('new/a.png', 'a.svg', 'a.html', 'a.ply'):
        save_rows(rows, tmp_path / name)
    assert imread(tmp_path / 'new/a.png').shape[1] > 600
    assert (tmp_path / 'a.svg').read_text().startswith('<?xml')
    assert (tmp_path / 'a.html').read_text().startswith('<!DOCTYPE html>')
    assert sorted(path.name for path in tmp_path.glob('*.ply')) == [
        *('a_1.ply', 'a_2.ply', 'a_3.ply')
    ]


@pytest.mark.parametrize('rows', [[], [[]]])
@pytest.mark.parametrize('name', ['a.png', 'a.html'])
def test_no_cloud_is_refused(tmp_path: Path, rows: list, name: str) -> None:
    with pytest.raises(ValueError, match='there is no cloud'):
        save_rows(rows, tmp_path / name)
