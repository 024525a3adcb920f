"""Box, bin, and door."""

from __future__ import annotations

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.solids import block, box, disc, lathe, ring, rod, rotate


@recipe('box', 'body', 'flap')
def carton(d: Draw) -> Parts:
    """A carton, closed or with open flaps."""
    width, height, depth = d(0.3, 0.8), d(0.2, 0.7), d(0.25, 0.6)
    wall = 0.015
    if d.chance(0.4):
        return {
            'body': [box((width, height, depth), (0, height / 2, 0))],
            'flap': [
                box((width * 0.98, 0.01, depth * 0.49), (0, height + 0.005, s * depth / 4))
                for s in (-1, 1)
            ],
        }
    body = [box((width, wall, depth), (0, wall / 2, 0))]
    body += [box((wall, height, depth), (s * width / 2, height / 2, 0)) for s in (-1, 1)]
    body += [box((width, height, wall), (0, height / 2, s * depth / 2)) for s in (-1, 1)]
    flaps = []
    for side in (-1, 1):
        if d.chance(0.8):
            flap = box((width / 2, wall, depth), (side * width * 0.75, height, 0))
            flaps.append(rotate(flap, 'z', -side * d(-50, 70), (side * width / 2, height, 0)))
        if d.chance(0.8):
            flap = box((width, wall, depth / 2), (0, height, side * depth * 0.75))
            flaps.append(rotate(flap, 'x', side * d(-50, 70), (0, height, side * depth / 2)))
    return {'body': body, 'flap': flaps} if flaps else {'body': body}


@recipe('bin', 'body', 'lid', 'wheel')
def bin_(d: Draw) -> Parts:
    """Round and open, round with a dome, or square on wheels."""
    radius, height = d(0.14, 0.3), d(0.35, 0.95)
    kind = d.choice('open', 'dome', 'square', 'swing')
    taper = d(0.65, 1)
    if kind in ('open', 'dome'):
        inner = radius * 0.96
        wall = [(0, 0), (radius * taper, 0), (radius, height), (inner, height)]
        body = [lathe([*wall, (inner * taper, 0.03), (0, 0.03)])]
        body.append(ring(radius, 0.012, (0, height, 0)))
        parts: Parts = {'body': body}
        if kind == 'dome':
            t = np.linspace(0, np.pi / 2, 8)
            cap = np.stack([radius * np.cos(t), radius * d(0.3, 0.9) * np.sin(t)], 1)
            parts['lid'] = [lathe(cap, (0, height, 0))]
        return parts
    wide, deep = radius * 2, radius * d(1.4, 2.2)
    body = [block((wide * taper, deep * taper), (wide, deep), 0.04, height)]
    parts = {'body': body}
    if kind == 'square':
        lid = block((wide * 1.06, deep * 1.06), (wide * 1.02, deep * 0.7), height, height + 0.07)
        parts['lid'] = [
            lid,
            rod((-wide / 2, height, -deep * 0.56), (wide / 2, height, -deep * 0.56), 0.02),
        ]
        parts['wheel'] = [
            disc(0.08, 0.04, (s * wide * taper / 2, 0.08, -deep * taper / 2), 'x') for s in (-1, 1)
        ]
    else:
        parts['lid'] = [
            block((wide, deep), (wide * 0.8, deep * 0.2), height, height + d(0.1, 0.25))
        ]
    return parts


@recipe('door', 'leaf', 'frame', 'handle')
def door(d: Draw) -> Parts:
    """A leaf with panels in a frame, ajar or closed, single or double."""
    width, height, thick = d(0.7, 1.1), d(1.8, 2.3), d(0.03, 0.06)
    leaves = d.choice(1, 1, 1, 2)
    leaf, handles = [], []
    for i in range(leaves):
        side = 1 if i == 0 else -1
        hinge = -width / 2 if i == 0 else 1.5 * width
        swing = d.choice(0, 0, d(0, 75))
        middle = hinge + side * width / 2
        pieces = [box((width, height, thick), (middle, height / 2, 0))]
        rows, relief = d.choice(0, 2, 3), thick * d(1.2, 1.7)
        for j in range(rows):
            y = (j + 0.5) * height / rows
            pieces.append(box((width * 0.7, height / rows * 0.75, relief), (middle, y, 0)))
        x = hinge + side * width * 0.92
        grip = [rod((x, height * 0.46, -0.07), (x, height * 0.46, 0.07), 0.015)]
        grip += [
            rod((x, height * 0.46, z), (x - side * 0.1, height * 0.46, z), 0.014)
            for z in (-0.07, 0.07)
        ]
        for mesh in pieces + grip:
            rotate(mesh, 'y', side * swing, (hinge, 0, 0))
        leaf, handles = leaf + pieces, handles + grip
    parts: Parts = {'leaf': leaf, 'handle': handles}
    if d.chance(0.8):
        left, right, jamb = -width / 2, (leaves - 0.5) * width, d(0.05, 0.12)
        post = (jamb, height, thick * 2.5)
        parts['frame'] = [
            box(post, (left - jamb / 2, height / 2, 0)),
            box(post, (right + jamb / 2, height / 2, 0)),
            box(
                (right - left + 2 * jamb, jamb, thick * 2.5),
                ((left + right) / 2, height + jamb / 2, 0),
            ),
        ]
    return parts
