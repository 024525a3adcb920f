"""What furniture stands on: legs, posts and panels, shared by seats, tables and beds."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from demo.recipes.base import Draw
from demo.solids import (
    block,
    box,
    disc,
    lathe,
    move,
    ring,
    rod,
)

if TYPE_CHECKING:
    from trimesh import Trimesh


def four_legs(d: Draw, width: float, depth: float, height: float) -> list[Trimesh]:
    """Legs from the floor to ``height`` under the corners, straight or splayed."""
    thick = d(0.012, 0.035) * (1 + width)
    inset, splay = d(0, 0.12), d.choice(0, 0, d(0, 0.2))
    legs = []
    square = d.chance(0.5)
    for x in (-1, 1):
        for z in (-1, 1):
            top = np.array([x * width, 0, z * depth]) * (0.5 - inset) - (x * thick, 0, z * thick)
            foot = top + np.array([x, 0, z]) * splay * height
            if square:
                leg = block((thick * 1.4,) * 2, (thick * 2,) * 2, 0, height, (top - foot)[[0, 2]])
                move(leg, foot)
                legs.append(leg)
            else:
                legs.append(rod(foot, np.add(top, (0, height, 0)), thick * 0.8))
    if d.chance(0.3):  # stretchers between the legs
        level = d(0.15, 0.5) * height
        x, z = width * (0.5 - inset) - thick, depth * (0.5 - inset) - thick
        widen = splay * (height - level)
        x, z = x + widen, z + widen
        for side in (-1, 1):
            legs.append(rod((side * x, level, -z), (side * x, level, z), thick * 0.6))
        legs.append(rod((-x, level, 0), (x, level, 0), thick * 0.6))
    return legs


def post(d: Draw, radius: float, height: float) -> list[Trimesh]:
    """A central column on a star, a disc or a trumpet foot of ``radius``."""
    thick = d(0.02, 0.05) + 0.04 * radius
    foot = d.choice('star', 'disc', 'trumpet')
    if foot == 'trumpet':
        t = np.linspace(0, 1, 10)
        profile = np.stack([thick + (radius - thick) * (1 - t) ** d(2.5, 5), t * height], 1)
        return [lathe(profile)]
    parts = [rod((0, 0.02, 0), (0, height, 0), thick)]
    if foot == 'disc':
        parts.append(disc(radius, 0.03, (0, 0.015, 0)))
        return parts
    spokes = d.choice(3, 4, 5, 5)
    for angle in 2 * np.pi * (np.arange(spokes) + 0.5) / spokes:
        tip = radius * np.array([np.sin(angle), 0, np.cos(angle)])
        parts.append(rod((0, 0.1 * height + 0.03, 0), np.add(tip, (0, 0.05, 0)), thick * 0.6))
        parts.append(disc(0.03, 0.025, np.add(tip, (0, 0.03, 0)), 'x'))
    return parts


def sled(d: Draw, width: float, depth: float, height: float) -> list[Trimesh]:
    """Two bent frames, one on either side."""
    thick = d(0.012, 0.025) * (1 + width)
    x, z = width / 2 - thick, depth / 2 - thick
    frames = []
    for side in (-x, x):
        corners = [(side, height, -z), (side, thick, -z), (side, thick, z), (side, height, z)]
        frames += [rod(a, b, thick) for a, b in pairwise(corners)]
    return frames


def panels(d: Draw, width: float, depth: float, height: float) -> list[Trimesh]:
    """Boards that stand on either side, sometimes with a third across the back."""
    thick = d(0.02, 0.05)
    x = width / 2 - thick / 2
    boards = [box((thick, height, depth * 0.94), (s * x, height / 2, 0)) for s in (-1, 1)]
    if d.chance(0.5):
        high = d(0.3, 0.9) * height
        boards.append(box((width, high, thick), (0, height - high / 2, -depth * 0.4)))
    return boards


def feet(d: Draw, width: float, depth: float, height: float) -> list[Trimesh]:
    """Short blocks or a plinth, from the floor to ``height``."""
    if d.chance(0.4):
        return [box((width * 0.9, height, depth * 0.9), (0, height / 2, 0))]
    thick = d(0.03, 0.07)
    x, z = width / 2 - thick, depth / 2 - thick
    return [
        box((thick, height, thick), (sx * x, height / 2, sz * z))
        for sx in (-1, 1)
        for sz in (-1, 1)
    ]


def hoop_base(d: Draw, radius: float, height: float) -> list[Trimesh]:
    """Three or four round legs that lean inwards, tied by a ring: a stool's base."""
    count, thick = d.choice(3, 4, 4), d(0.012, 0.03)
    parts = []
    lean = d(0.65, 1)
    for angle in 2 * np.pi * np.arange(count) / count:
        way = radius * np.array([np.sin(angle), 0, np.cos(angle)])
        parts.append(rod(way, way * lean + (0, height, 0), thick))
    if d.chance(0.6):
        t = d(0.2, 0.5)
        parts.append(ring(radius * (1 + (lean - 1) * t), thick * 0.7, (0, t * height, 0)))
    return parts
