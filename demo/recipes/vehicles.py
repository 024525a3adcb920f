"""Car, rocket, skateboard. They head to +z; a rocket stands."""

from __future__ import annotations

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.solids import (
    block,
    box,
    disc,
    lathe,
    loft,
    move,
    ring,
    rod,
    rotate,
    slab,
)


@recipe('car', 'roof', 'hood', 'wheel', 'body')
def car(d: Draw) -> Parts:
    """Sedan, hatchback, van, pickup or sports car: a side profile across the width."""
    kind = d.choice('sedan', 'hatch', 'van', 'pickup', 'sports')
    length, width = d(3.4, 5.2), d(1.5, 2)
    wheel = d(0.27, 0.42)
    low, waist = wheel * d(0.6, 1), d(0.7, 1.05)
    high = {'van': d(1.6, 2.1), 'sports': d(1.05, 1.2), 'pickup': d(1.5, 1.8)}.get(
        kind, d(1.25, 1.6)
    )
    # start and end of the cabin, as fractions of the length from the tail (0) to the nose (1)
    first, last = {
        'sedan': (0.18, 0.7),
        'hatch': (0.02, 0.7),
        'van': (0.01, d(0.8, 0.95)),
        'pickup': (0.42, 0.72),
        'sports': (0.15, 0.6),
    }[kind]
    rake, back_rake = d(0.06, 0.16), d(0.01, 0.14) if kind != 'hatch' else d(0.02, 0.06)
    nose = waist * d(0.75, 0.95)
    z = (np.array([0, last + 0.02, 0.97, 1]) - 0.5) * length
    top = np.array([waist * d(0.9, 1), waist, nose, nose * 0.8])
    # slab() extrudes x-y along z: its y is the car's z, its x the car's height
    body = slab(np.stack([z, np.full(4, low), top], 1), width)
    body.vertices = body.vertices[:, [2, 0, 1]]
    parts: Parts = {'body': [body]}
    start, stop = (first - 0.5) * length, (last - 0.5) * length
    cabin = (stop - start, stop - start - (rake + back_rake) * length)
    roof = block(
        (width * 0.94, cabin[0]),
        (width * d(0.7, 0.86), cabin[1]),
        waist * 0.98,
        high,
        (0, (back_rake - rake) * length / 2),
    )
    move(roof, (0, 0, (start + stop) / 2))
    parts['roof'] = [roof]
    if kind != 'van' or last < 0.88:
        front = length * 0.46 - stop
        slope = np.degrees(np.arctan2(waist - nose, front))
        hood = box((width * 0.9, 0.05, front), (0, (waist + nose) / 2 + 0.025, stop + front / 2))
        parts['hood'] = [rotate(hood, 'x', slope, (0, (waist + nose) / 2, stop + front / 2))]
    if kind == 'pickup':
        for side in (-1, 1):
            parts['body'].append(
                box((0.08, 0.3, length * 0.4), (side * width * 0.46, waist, -length * 0.3))
            )
        parts['body'].append(box((width, 0.3, 0.08), (0, waist, -length * 0.49)))
    if kind == 'sports' and d.chance(0.6):
        parts['body'].append(box((width * 0.9, 0.05, 0.3), (0, waist + 0.22, -length * 0.46)))
        parts['body'] += [
            box((0.05, 0.25, 0.15), (s * width * 0.35, waist + 0.1, -length * 0.46))
            for s in (-1, 1)
        ]
    base = d(0.28, 0.34) * length
    parts['wheel'] = []
    for sx in (-1, 1):
        for sz in (-1, 1):
            at = np.array([sx * width * 0.46, wheel, sz * base])
            parts['wheel'] += [disc(wheel, 0.22, at, 'x'), disc(wheel * 0.55, 0.26, at, 'x')]
    return parts


@recipe('rocket', 'body', 'fin', 'nose')
def rocket(d: Draw) -> Parts:
    """A column with a nose and fins; in stages, with boosters, or bellied."""
    radius, height = d(0.09, 0.25), d(0.8, 2)
    belly = d.choice(0, 0, d(0.1, 0.5))
    t = np.linspace(0, 1, 12)
    girth = radius * (d(0.7, 1) + belly * np.sin(np.pi * t))
    top = girth[-1]
    body = [lathe(np.concatenate([[(0, 0)], np.stack([girth, t * height], 1)]))]
    if d.chance(0.4):
        body.append(lathe([(girth[0] * 0.4, 0.02), (girth[0] * 0.9, -0.15)]))
    long, power = top * d(1.5, 4), d(0.5, 1)
    nose = lathe(np.stack([top * (1 - t) ** power, t * long + height], 1))
    if d.chance(0.35):
        body += [
            ring(np.interp(level, t, girth), 0.015, (0, level * height, 0))
            for level in (0.33, 0.66)
        ]
    parts: Parts = {'body': body, 'nose': [nose]}
    if d.chance(0.3):
        count, thin, tall = d.choice(2, 4), radius * d(0.35, 0.6), height * d(0.4, 0.65)
        for angle in 2 * np.pi * np.arange(count) / count + 0.4:
            at = (radius + thin) * np.array([np.sin(angle), 0, np.cos(angle)])
            body.append(lathe([(0, 0), (thin, 0), (thin, tall), (0, tall + thin * 2.5)], at))
    count, size, root = d.choice(3, 4, 4), radius * d(0.8, 2), height * d(0.15, 0.35)
    if d.chance(0.92):
        fins = []
        for angle in 360 * np.arange(count) / count:
            wing = slab([(0, 0, 1), (root * d(0.35, 0.5), 0, 1), (root, 0, 0.15)], 0.02)
            wing.vertices = wing.vertices * (size, 1, 1)
            wing.vertices[:, 1] -= wing.vertices[:, 0] * 0.5
            move(wing, (girth[0] * 0.9, 0, 0))
            fins.append(rotate(wing, 'y', angle))
        parts['fin'] = fins
    return parts


@recipe('skateboard', 'wheel', 'deck', 'truck')
def skateboard(d: Draw) -> Parts:
    """A deck with or without kicked ends on two trucks; long boards and short ones."""
    length, half = d(0.6, 1.1), d(0.08, 0.13)
    wheel, wide = d(0.025, 0.045), d(0.025, 0.05)
    kick, blunt = d(0, 0.11), d(2.5, 10)
    u = np.linspace(-1, 1, 17)
    width = half * (1 - 0.75 * np.abs(u) ** blunt)
    lift = kick * np.clip((np.abs(u) - 0.62) / 0.38, 0, 1) ** 1.4
    bare = d.chance(0.12)  # without trucks the wheels touch the deck
    height = 2 * wheel + (0.005 if bare else d(0.03, 0.06))
    deck = loft(
        np.stack([u * length / 2, width, np.full(17, d(0.006, 0.014)), lift + height], 1), 8
    )
    axle, trucks, wheels = half * d(0.7, 0.95), [], []
    for side in (-1, 1):
        z = side * length * d(0.3, 0.36)
        trucks.append(block((0.03, 0.05), (0.06, 0.1), wheel, height, (0, 0)))
        move(trucks[-1], (0, 0, z))
        trucks.append(rod((-axle, wheel, z), (axle, wheel, z), 0.009))
        wheels += [disc(wheel, wide, (s * axle, wheel, z), 'x') for s in (-1, 1)]
    parts: Parts = {'wheel': wheels, 'deck': [deck]}
    if not bare:
        parts['truck'] = trucks
    return parts
