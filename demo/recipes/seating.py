"""Chair, stool, bench, sofa."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.recipes.supports import feet, four_legs, hoop_base, panels, post, sled
from demo.solids import (
    block,
    box,
    disc,
    loft,
    move,
    rod,
    rotate,
)

if TYPE_CHECKING:
    from trimesh import Trimesh


def chair_back(d: Draw, width: float, height: float, thick: float) -> list[Trimesh]:
    """An upright back over y from 0 to ``height``, around z = 0."""
    style = d.choice('panel', 'slats', 'ladder', 'low panel', 'oval')
    if style == 'panel':
        return [block((width, thick), (width * d(0.7, 1), thick * 0.7), 0, height)]
    bar = d(0.015, 0.03)
    posts = [
        rod((s * (width / 2 - bar), 0, 0), (s * (width / 2 - bar), height, 0), bar) for s in (-1, 1)
    ]
    if style == 'oval':
        oval = disc(0.5, thick, (0, 0, 0), 'z')
        oval.vertices = oval.vertices * (width, height * 0.8, 1) + (0, height * 0.6, 0)
        return [oval, rod((0, 0, 0), (0, height / 2, 0), bar * 1.5)]
    if style == 'low panel':
        high = d(0.3, 0.6) * height
        return [*posts, box((width, high, thick * 0.7), (0, height - high / 2, 0))]
    if style == 'ladder':
        levels = np.linspace(0.3, 0.95, d.choice(2, 3, 4)) * height
        return [*posts, *[box((width, d(0.04, 0.09), bar), (0, y, 0)) for y in levels]]
    rails = [box((width, 0.06, bar * 2), (0, height - 0.03, 0))]
    places = np.linspace(-0.5, 0.5, d.choice(5, 6, 7, 9))[1:-1] * width
    return [*posts, *rails, *[rod((x, 0, 0), (x, height - 0.03, 0), bar * 0.6) for x in places]]


def chair_arms(d: Draw, width: float, depth: float, seat: float) -> list[Trimesh]:
    """Arm rests on both sides of a seat whose top is at ``seat``."""
    rise, bar = d(0.15, 0.28), d(0.015, 0.035)
    style, length = d.choice('bar', 'panel', 'loop'), depth * d(0.7, 1)
    arms = []
    for side in (-1, 1):
        x = side * (width / 2 + bar)
        if style == 'panel':
            arms.append(box((bar * 2, rise, length), (x, seat + rise / 2, 0)))
            continue
        arms.append(box((bar * 2.6, bar * 1.5, length), (x, seat + rise, 0)))
        ends = (length * 0.4,) if style == 'bar' else (length * 0.4, -length * 0.4)
        arms += [rod((x, seat - 0.03, z), (x, seat + rise, z), bar) for z in ends]
    return arms


@recipe('chair', 'back', 'seat', 'leg', 'arm')
def chair(d: Draw) -> Parts:
    """With or without arms; on legs, a post, a sled, panels, or as an armchair on a block."""
    width, depth, seat = d(0.4, 0.65), d(0.38, 0.6), d(0.32, 0.6)
    thick, high, tilt = d(0.03, 0.12), d(0.3, 0.8), d(0, 18)
    base = d.choice('legs', 'legs', 'legs', 'post', 'post', 'sled', 'panels', 'block')
    if d.chance(0.25):
        top = disc(0.5, thick, (0, 0, 0))
        top.vertices = top.vertices * (width, 1, depth) + (0, seat - thick / 2, 0)
    else:
        top = block((width * d(0.8, 1), depth), (width, depth), seat - thick, seat)
    low = seat - thick
    if base == 'legs':
        legs = four_legs(d, width, depth, low)
    elif base == 'post':
        legs = post(d, max(width, depth) * d(0.4, 0.6), low)
    elif base == 'sled':
        legs = sled(d, width, depth, low)
    elif base == 'panels':
        legs = panels(d, width, depth, low)
    else:
        legs = [
            box((width, low * 0.7, depth), (0, low * 0.65, 0)),
            *feet(d, width, depth, low * 0.3),
        ]
    back = chair_back(d, width * d(0.85, 1), high, d(0.02, 0.1))
    edge = (0, seat - thick / 2, -depth / 2 + 0.03)
    for mesh in back:
        move(mesh, edge)
        rotate(mesh, 'x', -tilt, edge)
    parts: Parts = {'back': back, 'seat': [top], 'leg': legs}
    if d.chance(0.45):
        parts['arm'] = chair_arms(d, width, depth, seat)
    return parts


@recipe('stool', 'seat', 'leg')
def stool(d: Draw) -> Parts:
    """A small round or square seat, mostly high."""
    radius, height, thick = d(0.14, 0.25), d(0.35, 0.8), d(0.02, 0.1)
    if d.chance(0.7):
        seat = disc(radius, thick, (0, height, 0))
    else:
        seat = box((2 * radius, thick, 2 * radius * d(0.6, 1)), (0, height, 0))
    legs = hoop_base(d, radius * d(0.8, 1.1), height) if d.chance(0.6) else post(d, radius, height)
    return {'seat': [seat], 'leg': legs}


@recipe('bench', 'back', 'seat', 'leg')
def bench(d: Draw) -> Parts:
    """A long seat of boards, with or without a back."""
    width, depth, seat, thick = d(1, 2), d(0.28, 0.5), d(0.35, 0.5), d(0.03, 0.06)
    boards = d.choice(1, 3, 4)
    step = depth / boards
    tops = [
        box((width, thick, step * 0.86), (0, seat, (i + 0.5) * step - depth / 2))
        for i in range(boards)
    ]
    build = d.choice(four_legs, panels, sled)
    parts: Parts = {'seat': tops, 'leg': build(d, width * d(0.8, 1), depth, seat - thick / 2)}
    if d.chance(0.55):
        rows = d.choice(1, 2, 3)
        high = d(0.3, 0.5)
        back = [
            box((width, high / rows * 0.75, 0.03), (0, seat + 0.08 + (i + 0.5) * high / rows, 0))
            for i in range(rows)
        ]
        back += [
            box((0.05, high + 0.1, 0.04), (s * width * 0.42, seat + high / 2, -0.03))
            for s in (-1, 1)
        ]
        for mesh in back:
            mesh.vertices = mesh.vertices - (0, 0, depth / 2)
            rotate(mesh, 'x', -d(5, 8), (0, seat, -depth / 2))
        parts['back'] = back
    return parts


@recipe('sofa', 'back', 'seat', 'leg', 'arm', 'cushion')
def sofa(d: Draw) -> Parts:
    """One to three seats, straight or with a corner, on feet or a plinth."""
    width, depth = d(1, 2.4), d(0.75, 1.05)
    foot, seat, high = d(0.04, 0.15), d(0.36, 0.5), d(0.28, 0.55)
    back_thick, arm = d(0.12, 0.28), d(0.08, 0.28)
    inner = width - 2 * arm
    parts: Parts = {
        'seat': [box((inner, seat - foot - 0.12, depth * 0.99), (0, (seat + foot - 0.12) / 2, 0))],
        'leg': feet(d, width, depth, foot),
    }
    place = (0, 0, -depth / 2 + back_thick / 2)
    back = block(
        (width * 0.99, back_thick), (width * 0.99, back_thick * d(0.6, 1)), foot, seat + high
    )
    move(back, place)
    parts['back'] = [rotate(back, 'x', -d(0, 10), (0, foot, -depth / 2))]
    rise, rolled = seat + d(0.08, 0.3), d.chance(0.35)
    if d.chance(0.85):
        arms = []
        for side in (-1, 1):
            x = side * (width - arm) / 2
            arms.append(box((arm, rise - foot, depth), (x, (rise + foot) / 2, 0)))
            if rolled:
                arms.append(disc(arm * 0.7, depth, (x, rise, 0), 'z'))
        parts['arm'] = arms
    count = max(1, round(inner / d(0.55, 0.8)))
    step = inner / count
    middle = (back_thick + depth) / 2 - depth / 2
    long = depth - back_thick
    parts['cushion'] = [
        loft(
            [
                (-long / 2, step * 0.44, 0.04, 0),
                (-long * 0.42, step * 0.49, 0.07, 0),
                (long * 0.42, step * 0.49, 0.07, 0),
                (long / 2, step * 0.44, 0.04, 0),
            ],
            6,
            ((i + 0.5) * step - inner / 2, seat - 0.05, middle),
        )
        for i in range(count)
    ]
    if d.chance(0.25):  # a chaise on one side
        side, long = d.choice(-1, 1), d(0.5, 0.8)
        x = side * (width / 2 - arm - step / 2)
        parts['seat'].append(
            box((step, seat - foot, long), (x, (seat + foot) / 2, (depth + long) / 2))
        )
    return parts
