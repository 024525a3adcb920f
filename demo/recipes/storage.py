"""Cabinet, dresser, night stand, wardrobe, shelf, TV stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.recipes.supports import feet, four_legs
from demo.solids import box, disc, rod

if TYPE_CHECKING:
    from trimesh import Trimesh


def handle(d: Draw, at: tuple[float, float, float], tall: bool) -> Trimesh:
    """A bar or a knob on a front at ``at``."""
    if d.chance(0.5):
        return disc(0.02, 0.05, at, 'z')
    return box((0.02, 0.14, 0.05) if tall else (0.14, 0.02, 0.05), at)


def drawer_fronts(
    d: Draw, width: float, low: float, high: float, front: float, rows: int, columns: int
) -> list[Trimesh]:
    """A grid of drawer fronts with handles, just before the plane z = ``front``."""
    dx, dy = width / columns, (high - low) / rows
    fronts = []
    for i in range(columns):
        for j in range(rows):
            x, y = (i + 0.5) * dx - width / 2, low + (j + 0.5) * dy
            fronts.append(box((dx - 0.03, dy - 0.03, 0.03), (x, y, front + 0.015)))
            fronts.append(handle(d, (x, y, front + 0.05), tall=False))
    return fronts


def door_fronts(
    d: Draw, width: float, low: float, high: float, front: float, count: int
) -> list[Trimesh]:
    """Doors side by side with handles, just before the plane z = ``front``."""
    dx = width / count
    doors = []
    for i in range(count):
        x = (i + 0.5) * dx - width / 2
        doors.append(
            box((dx - 0.02, high - low - 0.03, 0.03), (x, (low + high) / 2, front + 0.015))
        )
        side = 1 if i % 2 == 0 else -1
        doors.append(handle(d, (x + side * dx * 0.38, (low + high) / 2, front + 0.05), tall=True))
    return doors


def carcass(d: Draw, width: float, height: float, depth: float, foot: float) -> Parts:
    """A closed body on feet or legs."""
    body = [box((width, height - foot, depth), (0, (height + foot) / 2, 0))]
    if d.chance(0.4):
        body.append(box((width * 1.06, 0.035, depth * 1.06), (0, height, 0)))
    legs = four_legs if foot > 0.12 else feet
    return {'body': body, 'leg': legs(d, width, depth, foot)}


@recipe('dresser', 'body', 'leg', 'drawer', 'mirror')
def dresser(d: Draw) -> Parts:
    """Wide, with a grid of drawers; sometimes a mirror."""
    width, height, depth, foot = d(0.75, 1.7), d(0.7, 1.25), d(0.4, 0.6), d(0.03, 0.2)
    parts = carcass(d, width, height, depth, foot)
    rows, columns = d.choice(3, 4, 5), d.choice(1, 2, 2, 3)
    parts['drawer'] = drawer_fronts(d, width, foot, height, depth / 2, rows, columns)
    if d.chance(0.25):
        tall = d(0.5, 0.9)
        parts['mirror'] = [
            box((width * d(0.4, 0.9), tall, 0.04), (0, height + tall / 2, -depth * 0.4))
        ]
    return parts


@recipe('night_stand', 'body', 'leg', 'drawer')
def night_stand(d: Draw) -> Parts:
    """Small, one to three drawers, sometimes an open compartment above the floor."""
    width, height, depth = d(0.38, 0.65), d(0.45, 0.75), d(0.35, 0.5)
    foot = d.choice(d(0.03, 0.1), d(0.15, 0.4))
    parts = carcass(d, width, height, depth, foot)
    parts['drawer'] = drawer_fronts(d, width, foot, height, depth / 2, d.choice(1, 2, 2, 3), 1)
    if foot > 0.25 and d.chance(0.6):
        parts['body'].append(box((width * 0.9, 0.025, depth * 0.9), (0, foot * 0.35, 0)))
    return parts


@recipe('cabinet', 'body', 'leg', 'door', 'drawer')
def cabinet(d: Draw) -> Parts:
    """Doors, drawers or both; low and wide or tall."""
    width, height, depth, foot = d(0.5, 1.6), d(0.6, 2), d(0.35, 0.65), d(0.02, 0.18)
    parts = carcass(d, width, height, depth, foot)
    split = foot + (height - foot) * d.choice(1, d(0.55, 0.8), 1)
    doors = 1 if width < 0.6 else d.choice(2, 2, 3)
    parts['door'] = door_fronts(d, width, foot, split, depth / 2, doors)
    if split < height:
        parts['drawer'] = drawer_fronts(d, width, split, height, depth / 2, d.choice(1, 2), doors)
    return parts


@recipe('wardrobe', 'body', 'leg', 'door', 'drawer')
def wardrobe(d: Draw) -> Parts:
    """Tall doors, often over a row of drawers."""
    width, height, depth, foot = d(0.8, 2), d(1.7, 2.3), d(0.5, 0.7), d(0.02, 0.12)
    parts = carcass(d, width, height, depth, foot)
    split = foot + d.choice(0, 0, d(0.2, 0.5))
    doors = max(2, round(width / d(0.4, 0.6)))
    parts['door'] = door_fronts(d, width, split, height, depth / 2, doors)
    if split > foot:
        parts['drawer'] = drawer_fronts(d, width, foot, split, depth / 2, 1, d.choice(1, 2))
    return parts


@recipe('shelf', 'side', 'board', 'back', 'book')
def shelf(d: Draw) -> Parts:
    """Open boards between sides or posts, sometimes with books."""
    width, height, depth, thick = d(0.5, 1.6), d(0.8, 2.1), d(0.22, 0.45), d(0.015, 0.045)
    rows, columns = d.choice(3, 4, 5, 6), d.choice(1, 1, 2, 3)
    levels = np.linspace(thick / 2, height - thick / 2, rows)
    boards = [box((width, thick, depth), (0, y, 0)) for y in levels]
    places = np.linspace(-0.5, 0.5, columns + 1) * (width - thick)
    if d.chance(0.25):
        sides = [
            rod((s * width / 2, 0, z * depth / 2), (s * width / 2, height, z * depth / 2), 0.02)
            for s in (-1, 1)
            for z in (-1, 1)
        ]
    else:
        sides = [box((thick, height, depth), (x, height / 2, 0)) for x in places]
    parts: Parts = {'side': sides, 'board': boards}
    if d.chance(0.5):
        parts['back'] = [box((width, height, 0.01), (0, height / 2, -depth / 2))]
    if d.chance(0.5):
        gap, books = levels[1] - levels[0] - thick, []
        for y in levels[:-1]:
            if d.chance(0.75):
                x, stop = -width / 2 + 0.05, width * d(-0.2, 0.45)
                while x < stop:
                    wide, tall = d(0.03, 0.09), gap * d(0.55, 0.9)
                    middle = (x + wide / 2, y + thick / 2 + tall / 2, -depth * 0.1)
                    books.append(box((wide * 0.9, tall, depth * 0.7), middle))
                    x += wide
        if books:
            parts['book'] = books
    return parts


@recipe('tv_stand', 'body', 'leg', 'door')
def tv_stand(d: Draw) -> Parts:
    """Long and low, partly open."""
    width, height, depth, foot = d(1, 2.1), d(0.35, 0.65), d(0.35, 0.55), d(0.03, 0.15)
    thick, inner = 0.03, height - foot
    middle = (height + foot) / 2
    body = [box((width, thick, depth), (0, y, 0)) for y in (foot, height)]
    body += [box((thick, inner, depth), (x * width / 2, middle, 0)) for x in (-1, -0.33, 0.33, 1)]
    body.append(box((width, inner, 0.01), (0, middle, -depth / 2)))
    parts: Parts = {'body': body, 'leg': feet(d, width, depth, foot)}
    if d.chance(0.5):
        body.append(box((width * 0.33, thick, depth * 0.9), (0, middle, 0)))
    if d.chance(0.7):
        parts['door'] = [
            box((width * 0.32, inner, 0.03), (s * width * 0.33, middle, depth / 2)) for s in (-1, 1)
        ]
    return parts
