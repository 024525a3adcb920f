"""Bag, cap, earphone, guitar."""

from __future__ import annotations

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.solids import (
    arc,
    ball,
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
    tube,
)


@recipe('bag', 'handle', 'body')
def bag(d: Draw) -> Parts:
    """Hand bag, shopping bag, briefcase or rucksack."""
    kind = d.choice('hand', 'shopping', 'case', 'rucksack')
    width, height, depth, wire = d(0.3, 0.55), d(0.25, 0.5), d(0.1, 0.25), d(0.008, 0.02)
    if kind == 'rucksack':
        width, height, depth = d(0.25, 0.38), d(0.38, 0.55), d(0.12, 0.22)
        t = np.linspace(0, 1, 10)
        girth = np.sqrt(np.clip(1 - (2 * t - 1) ** 6, 0.02, 1))
        body = loft(np.stack([t * height, width / 2 * girth, depth / 2 * girth, 0 * t], 1), 4)
        body = rotate(body, 'x', -90)
        pocket = ball((width * 0.4, height * 0.25, depth * 0.35), (0, height * 0.3, depth * 0.45))
        straps = [
            tube(
                arc(
                    (s * width * 0.28, height * 0.5, -depth * 0.4),
                    (depth * 0.8, height * 0.38),
                    90,
                    270,
                    'zy',
                ),
                wire,
            )
            for s in (-1, 1)
        ]
        loop = tube(arc((0, height, 0), (0.05, 0.05), 0, 180), wire)
        return {'body': [body, pocket], 'handle': [*straps, loop]}
    shrink = {'hand': d(0.6, 0.95), 'shopping': d(0.95, 1.1), 'case': 1.0}[kind]
    body = [
        block(
            (width, depth),
            (width * shrink, depth * (d(0.2, 0.7) if kind == 'hand' else 1)),
            0,
            height,
        )
    ]
    if kind == 'case':
        body = [box((width * 1.2, height, depth * 0.6), (0, height / 2, 0))]
        loops = [tube(arc((0, height, 0), (width * 0.2, 0.06), 0, 180), wire * 1.5)]
    else:
        rise = d(0.1, 0.35)
        reach = width * d(0.2, 0.4) * shrink
        planes = (-depth * 0.2, depth * 0.2) if d.chance(0.6) else (0,)
        loops = [tube(arc((0, height * 0.97, z), (reach, rise), 0, 180), wire) for z in planes]
    if kind == 'hand' and d.chance(0.5):
        body.append(box((width * 0.9, height * 0.5, 0.02), (0, height * 0.72, depth * 0.36)))
    return {'handle': loops, 'body': body} if d.chance(0.93) else {'body': body}


@recipe('cap', 'crown', 'peak')
def cap(d: Draw) -> Parts:
    """A dome with a peak in front; flat caps, tall caps."""
    radius, high, long = d(0.85, 1.05), d(0.5, 1.1), d(0.45, 1)
    t = np.linspace(0, np.pi / 2, 12)
    flat = d(0.6, 1)
    dome = np.stack([radius * np.cos(t) ** flat, high * np.sin(t)], 1)
    crown = lathe(dome)
    crown.vertices = crown.vertices * (1, 1, d(1, 1.25))
    parts: Parts = {'crown': [crown]}
    if d.chance(0.6):
        parts['crown'].append(ball((0.06, 0.04, 0.06), (0, high, 0)))
    spread, droop = d(0.75, 0.95), d(0.05, 0.35)
    x = np.linspace(-1, 1, 19) * radius * spread
    inner = np.sqrt(np.clip(radius**2 - x**2, 0, None)) * 0.97
    outer = inner + long * (1 - (x / (radius * spread)) ** 2) ** d(0.4, 0.7)
    peak = slab(np.stack([x, inner, outer + 0.01], 1), 0.05)  # its y, x, z are our x, z, y
    across, ahead, thick = peak.vertices[:, 1], peak.vertices[:, 0], peak.vertices[:, 2]
    sag = droop * ((ahead - inner.min()) / (long + radius)) + 0.25 * droop * (across / radius) ** 2
    peak.vertices = np.column_stack([across, thick - sag, ahead])
    parts['peak'] = [peak]
    return parts


@recipe('earphone', 'cup', 'headband', 'wire')
def earphone(d: Draw) -> Parts:
    """Head phones with a band over the top, or buds on a cord."""
    wire = d(0.008, 0.014)
    if d.chance(0.25):  # buds
        reach = d(0.15, 0.3)
        cups = []
        cords = []
        for side in (-1, 1):
            at = np.array([side * reach, 0.5, 0])
            cups += [ball((0.05, 0.05, 0.05), at), disc(0.035, 0.08, at - (side * 0.04, 0, 0), 'x')]
            cups.append(rod(at, at - (0, 0.14, 0), 0.018))
            t = np.linspace(0, 1, 10)
            path = np.stack(
                [side * reach * (1 - t) ** 1.5, 0.36 - 0.7 * t, 0.08 * np.sin(4 * t)], 1
            )
            cords.append(tube(path, wire))
        cords.append(
            tube([(0, -0.33, -0.06), (d(-0.1, 0.1), -0.6, 0), (0, -d(0.7, 0.9), 0.05)], wire)
        )
        return {'cup': cups, 'wire': cords}
    reach, high = d(0.26, 0.36), d(0.28, 0.5)
    cup, thick = d(0.08, 0.17), d(0.05, 0.12)
    oval = d(1, 1.35)
    cups = []
    for side in (-1, 1):
        shell = disc(cup, thick, (0, 0, 0), 'x')
        pad = ring(cup * 0.78, cup * 0.25, (-side * thick / 2, 0, 0), 'x')
        for mesh in (shell, pad):
            mesh.vertices = mesh.vertices * (1, oval, 1) + (side * reach, 0, 0)
            cups.append(rotate(mesh, 'z', side * d(-6, 10), (side * reach, 0, 0)))
    band = d(0.012, 0.03)
    path = arc((0, 0, 0), (reach + thick * 0.3, high), 0, 180, steps=20)
    strap = tube(path, band)
    strap.vertices = strap.vertices * (1, 1, d(1, 2.5))
    bands = [strap]
    if d.chance(0.4):
        bands.append(tube(arc((0, 0, 0), (reach * 0.9, high * 0.86), 35, 145), band * 0.8))
    parts: Parts = {'cup': cups, 'headband': bands}
    if d.chance(0.55):
        t = np.linspace(0, 1, 14)
        wave = np.stack([-reach + t * d(0, 0.5), -cup - t * d(0.3, 0.7), 0.06 * np.sin(7 * t)], 1)
        parts['wire'] = [tube(wave, wire)]
    return parts


@recipe('guitar', 'head', 'neck', 'body')
def guitar(d: Draw) -> Parts:
    """Acoustic, electric with horns, or a V; it stands on its lower end."""
    kind = d.choice('acoustic', 'acoustic', 'electric', 'electric', 'vee')
    length, half = d(0.42, 0.56), d(0.14, 0.22)
    thick = d(0.08, 0.13) if kind == 'acoustic' else d(0.035, 0.06)
    u = np.linspace(0, 1, 28)
    if kind == 'vee':
        gap = np.clip(1 - u / 0.55, 0, 1)
        wing = half * 1.4 * (1 - u) ** 0.8 + 0.04
        left = slab(np.stack([u * length, -wing, -half * 1.1 * gap], 1), thick)
        right = slab(np.stack([u * length, half * 1.1 * gap, wing], 1), thick)
        body = [left, right]
    else:
        waist = d(0.25, 0.45)
        bulge = np.sqrt(np.clip(1 - (2 * u - 1) ** 4, 0, 1)) * (1 - 0.22 * u)
        curve = half * bulge * (1 - waist * np.exp(-(((u - 0.6) / 0.14) ** 2)))
        left, right = -curve, curve.copy()
        top = u * length
        if kind == 'electric':
            horn = np.clip((u - 0.72) / 0.28, 0, 1)
            left, right = left * (1 - 0.15 * horn), right * (1 - d(0.3, 0.7) * horn)
        body = [slab(np.stack([top, left - 0.004, right + 0.004], 1), thick)]
        if kind == 'electric':
            body.append(rotate(block((0.09, thick), (0.03, thick), 0, d(0.1, 0.18)), 'z', -8))
            move(body[-1], (-half * 0.6, length * 0.85, 0))
    front = thick / 2
    body.append(box((half * 0.6, 0.025, 0.02), (0, length * 0.25, front)))
    if kind == 'acoustic':
        body.append(ring(half * 0.3, 0.006, (0, length * 0.6, front), 'z'))
    long, wide = d(0.38, 0.62), d(0.02, 0.032)
    start = length * d(0.75, 0.95)
    neck = [block((wide * 2.3, 0.03), (wide * 1.8, 0.025), start, length + long)]
    move(neck[0], (0, 0, front))
    tall, top = d(0.12, 0.2), length + long
    head = [
        slab(
            [
                (top, -wide, wide),
                (top + tall * 0.3, -wide * 1.8, wide * 1.8),
                (top + tall, -wide * d(0.6, 1.7), wide * 1.4),
            ],
            0.022,
            (0, 0, front),
        )
    ]
    for i in range(3):
        y = top + tall * (0.3 + 0.25 * i)
        head.append(rod((-wide * 2.8, y, front), (wide * 2.8, y, front), 0.007))
    head = [rotate(mesh, 'x', -d(0, 14), (0, top, front)) for mesh in head]
    return {'head': head, 'neck': neck, 'body': body}
