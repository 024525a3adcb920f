"""Table and desk."""

from __future__ import annotations

from demo.recipes.base import Draw, Parts, recipe
from demo.recipes.supports import four_legs, panels, post, sled
from demo.solids import (
    box,
    disc,
    move,
)


@recipe('table', 'top', 'leg', 'drawer')
def table(d: Draw) -> Parts:
    """Round, oval or square; on legs, one or two posts, panels; some with drawers or a shelf."""
    width, depth, height, thick = d(0.5, 1.8), d(0.4, 1), d(0.3, 0.95), d(0.02, 0.08)
    low = height - thick
    shape = d.choice('square', 'square', 'square', 'round', 'oval')
    if shape == 'round':
        depth = width = min(width, 1.3)
    if shape == 'square':
        top = box((width, thick, depth), (0, height - thick / 2, 0))
    else:
        top = disc(0.5, thick)
        top.vertices = top.vertices * (width, 1, depth) + (0, height - thick / 2, 0)
    base = d.choice('legs', 'legs', 'legs', 'post', 'posts', 'panels', 'sled')
    shrink = 1.0 if shape == 'square' else 0.72
    foot = min(width, depth) * d(0.3, 0.45)
    if base == 'legs':
        legs = four_legs(d, width * shrink, depth * shrink, low)
    elif base == 'post' or (base == 'posts' and width < 1):
        legs = post(d, foot, low)
    elif base == 'posts':
        legs = []
        for side in (-1, 1):
            column = post(d, foot * 0.8, low)
            for mesh in column:
                move(mesh, (side * width * 0.28, 0, 0))
            legs += column
    else:
        build = panels if base == 'panels' else sled
        legs = build(d, width * shrink * d(0.8, 1), depth * shrink, low)
    parts: Parts = {'top': [top], 'leg': legs}
    if base in ('legs', 'panels', 'sled') and d.chance(0.4):
        deep = d(0.08, 0.2) * (0.5 + height / 2)
        size = (width * shrink * 0.8, deep, depth * shrink * 0.8)
        level = low - deep / 2 if d.chance(0.7) else height * 0.3
        drawer = [box(size, (0, level, 0))]
        if d.chance(0.6):
            drawer += [
                disc(0.018, 0.05, (s * size[0] / 4, level, size[2] / 2), 'z') for s in (-1, 1)
            ]
        parts['drawer'] = drawer
    return parts


@recipe('desk', 'top', 'leg', 'drawer')
def desk(d: Draw) -> Parts:
    """A work top with drawer blocks on one or both sides, a modesty panel, often a hutch."""
    width, depth, height, thick = d(1, 1.8), d(0.5, 0.85), d(0.65, 0.82), d(0.02, 0.05)
    low = height - thick
    parts: Parts = {'top': [box((width, thick, depth), (0, height - thick / 2, 0))]}
    sides = d.choice((-1,), (1,), (-1, 1), (-1, 1), ())
    wide, drawers = d(0.3, 0.5), []
    for side in sides:
        tall = low * d(0.55, 1)
        x = side * (width / 2 - wide / 2 - 0.02)
        drawers.append(box((wide, tall, depth * 0.9), (x, low - tall / 2, 0)))
        rows = d.choice(2, 3, 4)
        for i in range(rows):
            y = low - (i + 0.5) * tall / rows
            drawers.append(box((wide * 0.9, tall / rows * 0.85, 0.03), (x, y, depth * 0.45)))
            drawers.append(box((wide * 0.3, 0.02, 0.04), (x, y, depth * 0.45 + 0.03)))
    parts['leg'] = (
        panels(d, width, depth, low) if d.chance(0.6) else four_legs(d, width, depth, low)
    )
    if d.chance(0.5):
        high = d(0.3, 0.7) * low
        parts['leg'].append(box((width * 0.96, high, 0.02), (0, low - high / 2, -depth * 0.42)))
    if d.chance(0.4):  # a hutch: shelves over the back of the top
        tall, deep = d(0.25, 0.7), d(0.18, 0.3)
        z = -depth / 2 + deep / 2
        drawers += [
            box((0.03, tall, deep), (s * (width / 2 - 0.02), height + tall / 2, z))
            for s in (-1, 0, 1)
        ]
        drawers.append(box((width, 0.03, deep), (0, height + tall, z)))
        if d.chance(0.5):
            drawers.append(box((width, 0.03, deep), (0, height + tall / 2, z)))
    if d.chance(0.25):  # a return: the second arm of an L
        side, long = d.choice(-1, 1), d(0.4, 0.8)
        x = side * (width / 2 - 0.22)
        parts['top'].append(box((0.44, thick, long), (x, height - thick / 2, (depth + long) / 2)))
        parts['leg'].append(box((0.44, low, 0.03), (x, low / 2, depth / 2 + long - 0.02)))
    if drawers:
        parts['drawer'] = drawers
    return parts
