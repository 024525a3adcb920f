"""Bed and pillow."""

from __future__ import annotations

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.recipes.supports import feet, four_legs
from demo.solids import ball, box, loft, rotate


@recipe('bed', 'mattress', 'frame', 'headboard', 'pillow')
def bed(d: Draw) -> Parts:
    """Single or double, with or without foot board and pillows; some are bunks."""
    width, length = d(0.8, 2), d(1.8, 2.2)
    low, thick, matt = d(0.1, 0.35), d(0.08, 0.2), d(0.12, 0.32)
    top = low + thick + matt
    mattress = [box((width * 0.96, matt, length * 0.97), (0, low + thick + matt / 2, 0))]
    frame = [box((width, thick, length), (0, low + thick / 2, 0))]
    frame += four_legs(d, width, length, low) if d.chance(0.6) else feet(d, width, length, low)
    board = d(0.03, 0.1)
    head = top + d(0.1, 0.7)
    parts: Parts = {'mattress': mattress, 'frame': frame}
    if d.chance(0.85):
        boards = [box((width, head, board), (0, head / 2, -(length + board) / 2))]
        if d.chance(0.4):
            foot = top + d(0, 0.3)
            boards.append(box((width, foot, board), (0, foot / 2, (length + board) / 2)))
        parts['headboard'] = boards
    count = 1 if width < 1.3 else 2
    if d.chance(0.75):
        step = width / count
        parts['pillow'] = [
            ball(
                (step * 0.36, 0.08, 0.2), ((i + 0.5) * step - width / 2, top + 0.05, -length * 0.38)
            )
            for i in range(count)
        ]
    if width < 1.2 and d.chance(0.35):  # a bunk: the same again above, on four posts
        up = d(0.8, 1.1)
        mattress.append(
            box((width * 0.96, matt, length * 0.97), (0, low + thick + up + matt / 2, 0))
        )
        frame.append(box((width, thick, length), (0, low + up + thick / 2, 0)))
        frame += [
            box(
                (0.07, up + low + 0.5, 0.07),
                (sx * width / 2, (up + low + 0.5) / 2, sz * length / 2),
            )
            for sx in (-1, 1)
            for sz in (-1, 1)
        ]
    return parts


@recipe('pillow', 'pillow')
def pillow(d: Draw) -> Parts:
    """A cushion: square or long, flat or full, lying or leaning; some are bolsters."""
    half_x, half_z, half_y = d(0.2, 0.4), d(0.17, 0.3), d(0.05, 0.16)
    if d.chance(0.15):
        body = loft(
            [
                (-0.4, 0.08, 0.08, 0),
                (-0.36, 0.12, 0.12, 0),
                (0.36, 0.12, 0.12, 0),
                (0.4, 0.08, 0.08, 0),
            ]
        )
        return {'pillow': [rotate(body, 'y', d(0, 90))]}
    u = np.linspace(-1, 1, 15)
    bulge = (1 - np.abs(u) ** d(2.5, 5)) ** d(0.5, 0.9)
    waist = 1 - d(0, 0.12) * (1 - u**2)
    stations = np.stack([u * half_z, half_x * waist, 0.004 + half_y * bulge, 0 * u], 1)
    body = loft(stations, 1.6)
    # pinch the sides: the height falls off to the left and right as it does to the ends
    side = np.abs(body.vertices[:, 0]) / half_x
    corner = np.sign(body.vertices[:, 0]) * half_x * np.clip(side, 0, 1) ** d(0.4, 0.7)
    body.vertices = np.column_stack([corner, body.vertices[:, 1], body.vertices[:, 2]])
    return {'pillow': [rotate(body, 'x', d.choice(0, 0, d(30, 80)))]}
