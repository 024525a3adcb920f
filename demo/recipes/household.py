"""Lamp, laptop, display."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.solids import (
    arc,
    ball,
    block,
    box,
    disc,
    join,
    lathe,
    move,
    rod,
    rotate,
    tube,
)

if TYPE_CHECKING:
    from trimesh import Trimesh


def shade_profile(d: Draw) -> np.ndarray:
    """(radius, y) of a lamp shade of unit width whose top is at y = 0."""
    kind = d.choice('cone', 'cone', 'drum', 'dome', 'ball')
    high = d(0.5, 1.1)
    if kind == 'ball':
        t = np.linspace(0, np.pi, 12)
        return np.stack([0.5 * np.sin(t), 0.5 * (np.cos(t) - 1)], 1)
    if kind == 'dome':
        t = np.linspace(0.1, np.pi / 2, 9)
        return np.stack([0.5 * np.sin(t), 0.5 * high * (np.cos(t) - 1)], 1)
    top = 0.5 * (d(0.2, 0.7) if kind == 'cone' else d(0.85, 1))
    return np.array([(top, 0), (0.5, -high)])


@recipe('lamp', 'base', 'shade', 'canopy', 'pole')
def lamp(d: Draw) -> Parts:
    """Floor, table, ceiling or jointed desk lamp."""
    kind = d.choice('floor', 'table', 'table', 'ceiling', 'desk')
    wide = d(0.25, 0.55)
    profile = shade_profile(d) * wide
    drop = -profile[-1, 1]
    if kind == 'ceiling':
        cord, lights = d(0.2, 1), d.choice(1, 1, 3)
        parts: Parts = {'canopy': [disc(d(0.05, 0.15), 0.04, (0, 0, 0))], 'shade': [], 'pole': []}
        for i in range(lights):
            angle = 2 * np.pi * i / lights
            out = 0 if lights == 1 else wide * 0.9
            x, z = out * np.sin(angle), out * np.cos(angle)
            parts['shade'].append(lathe(profile, (x, -cord, z)))
            parts['pole'].append(rod((0, 0, 0), (x, -cord, z), d(0.008, 0.02)))
        return parts
    height = d(1.2, 1.8) if kind == 'floor' else d(0.4, 0.8)
    foot, thick, wire = wide * d(0.3, 0.6), d(0.02, 0.06), d(0.008, 0.025)
    base = disc(foot, thick, (0, thick / 2, 0))
    if d.chance(0.3):
        base = box((foot * 1.7, thick, foot * 1.7), (0, thick / 2, 0))
    if kind == 'desk':
        lower, upper, open_angle = d(0.3, 0.5), d(0.3, 0.5), d(20, 80)
        lean = np.radians(d(-30, 20))
        elbow = np.array([0, thick + lower * np.cos(lean), lower * np.sin(lean)])
        reach = np.radians(open_angle)
        tip = elbow + upper * np.array([0, np.cos(reach), np.sin(reach)])
        shade = rotate(lathe(profile * 0.6), 'x', d(-50, 10))
        move(shade, tip)
        poles = [rod((0, thick, 0), elbow, wire), rod(elbow, tip, wire), ball(wire * 1.8, elbow)]
        return {'base': [base], 'pole': poles, 'shade': [shade]}
    pole = [rod((0, thick, 0), (0, height, 0), wire)]
    if kind == 'table' and d.chance(0.6):  # a lathed body instead of a rod
        t = np.linspace(0, 1, 16)
        girth = wire + foot * d(0.5, 1.1) * np.sin(np.pi * t ** d(0.6, 1.6)) ** 2
        body = lathe(np.stack([girth, thick + t * (height - drop * 0.6 - thick)], 1))
        return {'base': [base, body], 'pole': pole, 'shade': [lathe(profile, (0, height, 0))]}
    if kind == 'floor' and d.chance(0.25):  # three legs
        base = tripod(d, height, wire * 1.3, foot)
    if kind == 'floor' and d.chance(0.25):  # an arc
        reach = d(0.4, 0.8)
        path = arc((0, height * 0.7, reach / 2), (reach / 2, height * 0.3), 180, 0, 'zy')
        pole = [tube(np.concatenate([[(0, thick, 0)], path]), wire)]
        shade = lathe(profile * 0.7, (0, height * 0.7, reach))
        return {'base': [base], 'pole': pole, 'shade': [shade]}
    return {'base': [base], 'pole': pole, 'shade': [lathe(profile, (0, height, 0))]}


def tripod(d: Draw, height: float, wire: float, foot: float) -> Trimesh:
    """Three legs that meet under the pole."""
    knee, legs = height * d(0.3, 0.7), []
    for angle in 2 * np.pi * np.arange(3) / 3:
        tip = foot * 1.6 * np.array([np.sin(angle), 0, np.cos(angle)])
        legs.append(rod(tip, (0, knee, 0), wire))
    return join(legs)


@recipe('laptop', 'keyboard', 'screen')
def laptop(d: Draw) -> Parts:
    """A keyboard and a screen at any angle from nearly shut to flat."""
    width, depth, thick = d(0.28, 0.42), d(0.18, 0.3), d(0.01, 0.035)
    angle = d(15, 170)
    keyboard = [box((width, thick, depth), (0, thick / 2, 0))]
    if d.chance(0.7):
        keyboard.append(box((width * 0.86, 0.006, depth * 0.45), (0, thick, -depth * 0.15)))
        keyboard.append(box((width * 0.25, 0.005, depth * 0.22), (0, thick, depth * 0.3)))
    hinge, lid = (0, thick, -depth / 2), d(0.006, 0.016)
    tall = depth * d(0.9, 1.1)
    screen = [box((width, lid, tall), (0, thick + lid / 2, tall / 2 - depth / 2))]
    screen.append(box((width * 0.9, 0.004, tall * 0.85), (0, thick, tall / 2 - depth / 2)))
    return {'keyboard': keyboard, 'screen': [rotate(mesh, 'x', -angle, hinge) for mesh in screen]}


@recipe('display', 'screen', 'stand')
def display(d: Draw) -> Parts:
    """A flat or a tube monitor on a foot, or a wide television on two feet."""
    width, ratio, thick = d(0.4, 0.9), d(0.5, 0.8), d(0.025, 0.08)
    tall, lift = width * ratio, d(0.06, 0.2)
    middle = lift + tall / 2
    rim = d(0.01, 0.03)
    screen = [box((width, tall, thick), (0, middle, 0))]
    screen.append(box((width - 2 * rim, tall - 2 * rim, 0.01), (0, middle, thick / 2 + 0.003)))
    if d.chance(0.3):  # a tube behind
        deep = d(0.2, 0.4)
        tail = block((width * 0.95, tall * 0.95), (width * 0.5, tall * 0.5), 0, deep)
        tail = rotate(tail, 'x', -90)
        move(tail, (0, middle, -thick / 2))
        screen.append(tail)
    for mesh in screen:
        rotate(mesh, 'x', -d.choice(0, 0, 8), (0, middle, 0))
    foot = width * d(0.25, 0.6)
    kind = d.choice('disc', 'plate', 'feet', 'none')
    stem = box(
        (d(0.03, 0.12), lift + tall * 0.3, 0.03), (0, (lift + tall * 0.3) / 2, -thick / 2 - 0.015)
    )
    if kind == 'disc':
        base = disc(0.5, 0.02)
        base.vertices = base.vertices * (foot, 1, foot * 0.7) + (0, 0.01, 0)
        return {'screen': screen, 'stand': [stem, base]}
    if kind == 'plate':
        return {'screen': screen, 'stand': [stem, box((foot, 0.02, d(0.12, 0.25)), (0, 0.01, 0))]}
    if kind == 'feet':
        return {
            'screen': screen,
            'stand': [box((0.03, lift * 2, 0.05), (s * width * 0.35, lift, 0)) for s in (-1, 1)]
            + [box((0.04, 0.02, 0.22), (s * width * 0.35, 0.01, 0)) for s in (-1, 1)],
        }
    return {'screen': screen}
