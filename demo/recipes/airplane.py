"""Airplane; it heads to +z."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.solids import ball, block, box, disc, loft, move, rotate

if TYPE_CHECKING:
    from trimesh import Trimesh


def fin(
    side: float,
    root: tuple[float, float, float],
    span: float,
    chord: tuple[float, float],
    sweep: float,
) -> Trimesh:
    """A tapered wing to one side.

    Args:
        side: -1 to the left, 1 to the right.
        root: Where the middle of its root chord is.
        span: From root to tip.
        chord: Root and tip chord (along z).
        sweep: How far the tip's middle lies behind the root's.
    """
    thick = 0.05 * chord[0]
    wing = block((thick, chord[0]), (thick * 0.5, chord[1]), 0, span, (0, -sweep))
    wing = rotate(wing, 'z', -90 * side)
    move(wing, root)
    return wing


@recipe('airplane', 'body', 'wing', 'tail', 'engine')
def airplane(d: Draw) -> Parts:
    """Airliner, fighter or propeller plane."""
    kind = d.choice('airliner', 'airliner', 'fighter', 'propeller')
    radius, length = d(0.07, 0.16), d(1.4, 2.2)
    u = np.linspace(-1, 1, 21)
    nose, taper = d(2.5, 8), d(1.5, 3)
    girth = np.where(u > 0, 1 - np.abs(u) ** nose, 1 - 0.85 * np.abs(u) ** taper)
    rise = np.where(u < 0, radius * 0.6 * u**2, 0)
    body = [
        loft(np.stack([u * length / 2, radius * girth + 0.004, radius * girth + 0.004, rise], 1))
    ]
    level = d(-0.6, 0.2) * radius if kind != 'propeller' else d.choice(-0.6, 0.9) * radius
    span, root = d(0.6, 1.15), d(0.25, 0.45)
    sweep, tip = d(0.1, 0.55), d(0.25, 0.6)
    if kind == 'fighter':
        span, root, sweep, tip = d(0.35, 0.65), d(0.6, 1), d(0.25, 0.5), d(0.1, 0.4)
    elif kind == 'propeller':
        sweep, tip, root = d(0, 0.06), d(0.6, 1), d(0.22, 0.38)
    middle, lift = d(-0.1, 0.2), d(-2, 8)
    wings = []
    for side in (-1, 1):
        wing = fin(side, (0, level, middle), span, (root, root * tip), sweep)
        wings.append(rotate(wing, 'z', side * lift, (0, level, middle)))
    back, size = -length * 0.44, d(0.2, 0.36)
    fins = [
        block(
            (0.02, size),
            (0.012, size * 0.55),
            radius * 0.4,
            radius * 0.4 + size * d(0.8, 1.3),
            (0, -size * d(0.2, 0.6)),
        )
    ]
    if kind == 'fighter' and d.chance(0.5):
        fins = [rotate(fins[0].copy(), 'z', side * 20) for side in (-1, 1)]
    for mesh in fins:
        move(mesh, (0, 0, back))
    high = radius * 0.6 if d.chance(0.75) else radius * 0.4 + size
    fins += [
        fin(s, (0, high, back), size * d(0.9, 1.1), (size * 0.7, size * 0.4), sweep * 0.4)
        for s in (-1, 1)
    ]
    parts: Parts = {'body': body, 'wing': wings, 'tail': fins}
    if kind == 'airliner':
        bulk, long = radius * d(0.3, 0.5), d(0.2, 0.32)
        places = d.choice((0.35,), (0.35,), (0.28, 0.6))
        if d.chance(0.2):  # at the tail instead of under the wings
            spots = [(s * radius * 1.5, radius * 0.5, back * 0.7) for s in (-1, 1)]
        else:
            spots = [
                (
                    s * t * span,
                    level - bulk + np.sin(np.radians(lift)) * t * span,
                    middle - t * sweep + root * 0.3,
                )
                for s in (-1, 1)
                for t in places
            ]
        parts['engine'] = [
            loft(
                [
                    (-long / 2, bulk * 0.6, bulk * 0.6, 0),
                    (0, bulk, bulk, 0),
                    (long / 2, bulk * 0.85, bulk * 0.85, 0),
                ],
                2,
                s,
            )
            for s in spots
        ]
    elif kind == 'propeller':
        spots = [(0, 0, length / 2)]
        if d.chance(0.4):
            spots = [(s * span * 0.4, level, middle + root * 0.5) for s in (-1, 1)]
        blade, engines = d(0.15, 0.3), []
        for x, y, z in spots:
            engines.append(ball((0.05, 0.05, 0.12), (x, y, z)))
            bar = box((2 * blade, 0.04, 0.012), (x, y, z + 0.08))
            engines += [
                rotate(bar.copy(), 'z', a, (x, y, z)) for a in d.choice((30, 120), (0, 60, 120))
            ]
        parts['engine'] = engines
    elif d.chance(0.7):
        parts['engine'] = [
            disc(radius * 0.6, 0.2, (s * radius * 0.6, 0, -length / 2), 'z') for s in (-1, 1)
        ]
    return parts
