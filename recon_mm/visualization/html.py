"""One HTML file that shows clouds to rotate, without a network and without a library.

Our own page (``viewer.html``, 12 kB) draws on a plain canvas by the CPU, as :mod:`render` does:
100,000 points turn smoothly in any browser, WebGL or not. Plotly's page would be 4.5 MB for each
picture, needs WebGL, and shades nothing.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.utils import require

from .colored_cloud import ColoredCloud
from .render import AZIMUTH, ELEVATION

MAX_POINTS = 100_000
_PAGE = Path(__file__).with_name('viewer.html')


def write_html(
    path: str | Path, rows: Sequence[Sequence[ColoredCloud]], title: str = 'Point clouds'
) -> None:
    """Writes the page of :func:`html_page` to a file, into a new folder if need be."""
    page = html_page(rows, title)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, 'utf-8')


def html_page(rows: Sequence[Sequence[ColoredCloud]], title: str = 'Point clouds') -> str:
    """A page that shows one row at a time, its clouds side by side, rotating together.

    Args:
        rows: Clouds of each row. Of a cloud of more than 100,000 points as many are shown, drawn
            evenly; its title says so.
        title: What stands above.

    Raises:
        ValueError: If there is no cloud.
    """
    rows = [list(row) for row in rows if row]
    if not rows:
        raise ValueError('there is no cloud to show')
    texts: dict[bytes, int] = {}  # the same points are stored once
    data: dict[str, Any] = dict(
        title=title or 'Point clouds',
        azimuth=AZIMUTH,
        elevation=ELEVATION,
        rows=[[_describe(cloud.sampled(MAX_POINTS), texts) for cloud in row] for row in rows],
    )
    data['points'] = [text.decode() for text in texts]
    # No name in the data ends the script that holds them.
    content = json.dumps(data).replace('<', r'\u003c')
    return _PAGE.read_text('utf-8').replace('{{DATA}}', content)


def _describe(cloud: ColoredCloud, texts: dict[bytes, int]) -> dict[str, Any]:
    """What the page needs of a cloud; its points are added to ``texts``."""
    described: dict[str, Any] = dict(
        title=cloud.title,
        points=texts.setdefault(b64encode(cloud.points.astype('<f4').tobytes()), len(texts)),
        colors=_encode(cloud.colors, 'u1'),
        labels=_encode(cloud.labels, '<i4'),
        legend=[dict(name=name, color=_hex(color)) for name, color in cloud.legend],
        values=_encode(cloud.values, '<f4'),
        unit=cloud.unit,
        limits=cloud.limits,
    )
    if cloud.values is not None:
        colormap = require('matplotlib', 'probing').colormaps[cloud.cmap]
        shares = np.linspace(0, 1, 12)
        described['ramp'] = [_hex(np.multiply(255, colormap(share)[:3])) for share in shares]
    return described


def _encode(array: np.ndarray | None, kind: str) -> str | None:
    return None if array is None else b64encode(array.astype(kind).tobytes()).decode()


def _hex(color: Sequence[float] | np.ndarray) -> str:
    return '#' + ''.join(f'{round(float(channel)):02x}' for channel in color)
