"""Sink, bathtub, toilet."""

from __future__ import annotations

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.recipes.supports import feet
from demo.solids import arc, block, box, disc, lathe, move, rotate, tube


@recipe('sink', 'basin', 'tap', 'support')
def sink(d: Draw) -> Parts:
    """A round or square basin, on a pedestal, in a top or on a cabinet, with a tap."""
    width, depth, bowl, wall = d(0.4, 0.75), d(0.36, 0.55), d(0.12, 0.24), 0.03
    level = d(0.75, 0.9)
    is_round = d.chance(0.5)
    if is_round:
        t = np.linspace(0, 1, 8)
        curve = np.stack([0.5 * (0.35 + 0.65 * t ** d(0.3, 0.7)), level - bowl + bowl * t], 1)
        inner = (curve - (0.03, -0.02))[::-1] * (1, 1)
        basin = lathe([(0, level - bowl), *curve, *inner[1:], (0, level - bowl + 0.02)])
        basin.vertices = basin.vertices * (width, 1, depth)
        basins = [basin]
    else:
        basins = [box((width, wall, depth), (0, level - bowl, 0))]
        basins += [box((wall, bowl, depth), (s * width / 2, level - bowl / 2, 0)) for s in (-1, 1)]
        basins += [box((width, bowl, wall), (0, level - bowl / 2, s * depth / 2)) for s in (-1, 1)]
    if is_round and d.chance(0.4):  # stands on a top
        basins.append(box((width * d(1.1, 2), 0.04, depth * 1.1), (0, level - bowl, 0)))
    elif not is_round and d.chance(0.5):  # set in a top
        rim, side = d(0.04, 0.1), d(0.05, 0.4)
        basins += [
            box((side, 0.03, depth + 2 * rim), (s * (width + side) / 2, level, 0)) for s in (-1, 1)
        ]
        basins += [box((width, 0.03, rim), (0, level, s * (depth + rim) / 2)) for s in (-1, 1)]
    back, rise = -depth / 2 + 0.01, d(0.12, 0.3)
    path = [(0, level, back), (0, level + rise * 0.7, back)]
    curve = arc((0, level + rise * 0.7, back + 0.08), (0.08, rise * 0.3), 180, 10, 'zy', 8)
    taps = [tube(np.concatenate([path, curve]), d(0.011, 0.02))]
    if d.chance(0.6):
        taps += [disc(0.025, 0.06, (s * 0.1, level + 0.03, back)) for s in (-1, 1)]
    parts: Parts = {'basin': basins, 'tap': taps}
    kind = d.choice('pedestal', 'cabinet', 'none', 'none')
    low = level - bowl
    if kind == 'pedestal':
        foot = d(0.09, 0.16)
        parts['support'] = [lathe([(foot, 0), (foot * 0.7, low * 0.4), (foot * 0.9, low)])]
    elif kind == 'cabinet':
        parts['support'] = [box((width * 0.95, low, depth * 0.9), (0, low / 2, 0))]
        parts['support'].append(box((0.01, low * 0.9, 0.02), (0, low / 2, depth * 0.46)))
    return parts


@recipe('bathtub', 'tub', 'foot', 'tap')
def bathtub(d: Draw) -> Parts:
    """An open tub, oval on feet or built in with a square rim."""
    length, width, height = d(1.4, 1.9), d(0.65, 0.95), d(0.4, 0.65)
    lift = d.choice(0, d(0.05, 0.15))
    t = np.linspace(0, 1, 8)
    slope, floor = d(0.25, 0.5), 0.1 * height
    wall = np.stack(
        [0.5 - (0.5 - 0.5 * (1 - slope)) * (1 - t) ** 2, floor + (height - floor) * t], 1
    )
    inner = lathe([(0, floor), *(wall - (0.04, 0))])
    power = d(2, 5)  # from oval to nearly square
    plan = inner.vertices[:, [0, 2]]
    size = np.linalg.norm(plan, axis=1, keepdims=True)
    unit = plan / np.maximum(size, 1e-9)
    scale = 1 / np.maximum((np.abs(unit) ** power).sum(1, keepdims=True) ** (1 / power), 1e-9)
    plan = unit * size * np.where(size > 1e-9, scale, 1)
    inner.vertices = np.column_stack(
        [plan[:, 0] * width, inner.vertices[:, 1] + lift, plan[:, 1] * length]
    )
    parts: Parts = {'tub': [inner]}
    if d.chance(0.5):  # built in
        edge = 0.06
        parts['tub'] += [
            box((edge, height + lift, length), (s * width / 2, (height + lift) / 2, 0))
            for s in (-1, 1)
        ]
        parts['tub'] += [
            box((width, height + lift, edge), (0, (height + lift) / 2, s * length / 2))
            for s in (-1, 1)
        ]
    else:
        outer = inner.copy()
        outer.vertices = outer.vertices * (1.06, 1, 1.04) - (0, 0.03, 0)
        edge = arc((0, height + lift, 0), (1, 1), 0, 360, 'xz', 33)
        plan = np.sign(edge) * np.abs(edge) ** (2 / power) * (width * 0.47, 1, length * 0.47)
        plan[:, 1] = height + lift
        parts['tub'] += [outer, tube(plan, 0.025)]
    if lift:
        parts['foot'] = feet(d, width * 0.5, length * 0.55, lift + floor * 1.6)
    if d.chance(0.5):
        path = arc((0, height + lift + 0.08, -length / 2 + 0.08), (0.09, 0.07), 180, 0, 'zy', 7)
        parts['tap'] = [tube([(0, height + lift - 0.05, -length / 2), *path], 0.02)]
    return parts


@recipe('toilet', 'bowl', 'tank', 'lid')
def toilet(d: Draw) -> Parts:
    """A bowl with its seat and a tank behind it; the lid is up or down."""
    high, width, length = d(0.34, 0.46), d(0.34, 0.42), d(0.42, 0.56)
    t = np.linspace(0, 1, 9)
    foot = d(0.4, 0.75)
    outer = np.stack([0.5 * (foot + (1 - foot) * t ** d(1.2, 3)), t], 1)
    inner = np.array([[0.36, 0.99], [0.28, 0.7], [0.1, 0.45], [0.0, 0.42]])
    bowl = lathe(np.concatenate([outer, inner]))
    bowl.vertices = bowl.vertices * (width, high, length) + (0, 0, 0.05)
    seat = lathe([(0.34, 0), (0.52, 0), (0.52, 0.03), (0.34, 0.03), (0.34, 0)])
    seat.vertices = seat.vertices * (width, 1, length) + (0, high, 0.05)
    parts: Parts = {'bowl': [bowl], 'lid': [seat]}
    lid = disc(0.5, 0.025)
    lid.vertices = lid.vertices * (width, 1, length) + (0, high + 0.045, 0.05)
    if d.chance(0.7):
        parts['lid'].append(
            rotate(lid, 'x', -d.choice(0, d(80, 105)), (0, high, 0.05 - length / 2))
        )
    deep, tank = d(0.14, 0.22), d(0.28, 0.45)
    if d.chance(0.85):
        z = 0.05 - length / 2 - deep / 2 - 0.04
        start = high * d(0.7, 1)
        wide = d(0.32, 0.5)
        body = block((wide * d(0.8, 1), deep * 0.9), (wide, deep), start, start + tank)
        lid = box((wide * 1.06, 0.03, deep * 1.08), (0, start + tank, 0))
        for mesh in (body, lid):
            move(mesh, (0, 0, z))
        stem = box((width * 0.6, high * 0.9, length * 0.4), (0, high * 0.45, z + deep))
        parts['tank'] = [body, lid]
        parts['bowl'].append(stem)
    return parts
