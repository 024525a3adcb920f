"""Knife and pistol."""

from __future__ import annotations

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.solids import arc, ball, block, box, disc, loft, rod, rotate, tube


@recipe('knife', 'blade', 'handle')
def knife(d: Draw) -> Parts:
    """Kitchen knife, dagger, cleaver or folding knife; it lies along z, edge down."""
    kind = d.choice('chef', 'dagger', 'cleaver', 'folding')
    long, high, thick = d(0.5, 1.3), d(0.06, 0.16), d(0.008, 0.022)
    u = np.linspace(0, 1, 16)
    if kind == 'cleaver':
        long, high = d(0.5, 0.8), d(0.2, 0.32)
        half, middle = np.full(16, high / 2), np.full(16, -high * 0.3)
    elif kind == 'dagger':
        half = high / 2 * (1 - u ** d(2, 6))
        middle = 0 * u
    else:
        half = high / 2 * (1 - u ** d(2, 5))
        middle = high / 2 - half if d.chance(0.5) else half - high / 2
    stations = np.stack([u * long, thick * (1 - 0.6 * u), half + 0.003, middle], 1)
    blade = loft(stations, d(1.1, 1.6))
    grip, girth = d(0.35, 0.6), d(0.03, 0.055)
    bend = d(-0.1, 0.1)
    v = np.linspace(-1, 0, 9)
    swell = girth * (1 + d(0, 0.35) * np.sin(2 * np.pi * v) ** 2)
    handle = [loft(np.stack([v * grip, swell * d(0.35, 0.7), swell, bend * v**2], 1), d(2, 6))]
    if kind == 'dagger' or d.chance(0.2):
        handle.append(box((0.04, girth * d(3, 5), 0.04), (0, 0, 0)))
    if kind == 'folding':
        rotate(blade, 'x', -d(0, 70))
    return {'blade': [blade], 'handle': handle}


@recipe('pistol', 'barrel', 'handle', 'trigger')
def pistol(d: Draw) -> Parts:
    """Semi-automatic, revolver or old flint pistol; it aims to +z."""
    kind = d.choice('auto', 'auto', 'revolver', 'flint')
    long, high, wide = d(0.7, 1.2), d(0.14, 0.22), d(0.07, 0.12)
    lean, grip = d(5, 30), d(0.35, 0.55)
    parts: Parts = {}
    if kind == 'auto':
        barrel = [box((wide, high, long), (0, 0, long / 2 - 0.15))]
        barrel.append(disc(wide * 0.3, 0.1, (0, high * 0.1, long - 0.12), 'z'))
        barrel.append(
            box((wide * 0.8, high * 0.6, long * d(0.5, 0.8)), (0, -high * 0.7, long * 0.3 - 0.1))
        )
        barrel += [box((0.02, 0.04, 0.03), (0, high / 2 + 0.01, z)) for z in (-0.1, long - 0.2)]
    else:
        bore = high * d(0.22, 0.35)
        barrel = [rod((0, 0.03, 0.1), (0, 0.03, long), bore)]
        barrel.append(box((wide * 0.8, high * 0.9, 0.4), (0, -0.02, 0.02)))
        if kind == 'revolver':
            barrel.append(disc(high * 0.55, 0.24, (0, 0, 0.08), 'z'))
        barrel.append(box((0.03, 0.08, 0.06), (0, high * 0.55, -0.16)))
    parts['barrel'] = barrel
    if kind == 'flint':
        path = arc((0, -grip, -0.1), (grip * 0.8, grip), 15, 95, 'zy', 9) - (0, 0, grip * 0.9)
        handle = [tube(path, wide * 0.6), ball(wide * 0.7, path[0])]
        handle = [rotate(mesh, 'y', 180, (0, 0, -0.2)) for mesh in handle]
    else:
        stock = block((wide * 0.95, d(0.2, 0.28)), (wide * 0.9, d(0.17, 0.22)), -grip, 0)
        stock.vertices = stock.vertices - (0, high * 0.35, 0.02)
        handle = [rotate(stock, 'x', lean, (0, 0, 0))]
    parts['handle'] = handle
    if d.chance(0.9):
        size = d(0.08, 0.12)
        at = np.array([0, -high * (0.98 if kind == 'auto' else 0.47), 0.14 + size])
        guard = tube(arc(at, (size * 1.2, size), -190, 10, 'zy'), 0.014)
        parts['trigger'] = [
            guard,
            rod(np.add(at, (0, size, 0)), np.add(at, (0, -size * 0.4, 0.03)), 0.014),
        ]
    return parts
