"""Mug, cup, bottle, bowl, vase."""

from __future__ import annotations

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.solids import arc, disc, lathe, rotate, tube


@recipe('mug', 'handle', 'body')
def mug(d: Draw) -> Parts:
    """A cup with a ring or an angular handle; straight, tapered or bellied."""
    radius, height, wall = d(0.3, 0.48), d(0.55, 1.2), d(0.03, 0.06)
    t = np.linspace(0, 1, 10)
    girth = radius * (1 + d(-0.35, 0.15) * (1 - t) + d(-0.12, 0.25) * np.sin(np.pi * t))
    outer = np.stack([girth, t * height], 1)
    inner = np.stack([girth - wall, np.clip(t * height, wall, None)], 1)[::-1]
    body = lathe(np.concatenate([[(0, 0)], outer, inner, [(0, wall)]]))
    size, reach, wire = height * d(0.22, 0.38), d(0.15, 0.35), d(0.025, 0.06)
    level = height * d(0.45, 0.6)
    start = np.interp(level, t * height, girth) - wall / 2
    if d.chance(0.7):
        path = arc((start - 0.02, level, 0), (reach + 0.02, size), -90, 90)
    else:
        path = [(start - 0.05, level - size, 0), (start + reach, level - size * 0.8, 0)]
        path += [(start + reach, level + size * 0.8, 0), (start - 0.05, level + size, 0)]
    handle = tube(path, wire)
    return {'handle': [rotate(handle, 'y', d.choice(0, 180, -50))], 'body': [body]}


@recipe('cup', 'handle', 'body')
def cup(d: Draw) -> Parts:
    """A mug, a beaker without handle or a goblet."""
    kind = d.choice('mug', 'beaker', 'goblet')
    if kind == 'mug':
        return mug(d)
    radius, height, wall = d(0.25, 0.45), d(0.6, 1.2), 0.03
    low = radius * d(0.55, 0.9)
    if kind == 'beaker':
        wall_profile = [
            (0, 0),
            (low, 0),
            (radius, height),
            (radius - wall, height),
            (low - wall, wall),
            (0, wall),
        ]
        return {'body': [lathe(wall_profile)]}
    stem = height * d(0.25, 0.45)
    t = np.linspace(0, np.pi / 2, 8)
    bowl = np.stack(
        [0.03 + radius * np.sin(t) ** d(0.5, 1), stem + (height - stem) * (1 - np.cos(t))], 1
    )
    return {'body': [lathe([(0, 0), (radius * 0.8, 0), (0.05, 0.06), (0.04, stem), *bowl])]}


@recipe('bottle', 'body', 'cap')
def bottle(d: Draw) -> Parts:
    """A body, a shoulder and a neck; round or square, with or without a cap."""
    radius, height = d(0.12, 0.26), d(0.6, 1.2)
    neck, shoulder, stop = radius * d(0.25, 0.6), d(0.5, 0.7), d(0.72, 0.9)
    t = np.linspace(0, 1, 8)
    slope = neck + (radius - neck) * (0.5 + 0.5 * np.cos(np.pi * t))
    curve = np.stack([slope, height * (shoulder + (stop - shoulder) * t)], 1)
    body = lathe(
        [(0, 0), (radius * 0.95, 0), (radius, 0.04), *curve, (neck, height), (neck * 0.8, height)]
    )
    if d.chance(0.25):
        plan = body.vertices[:, [0, 2]]
        size = np.linalg.norm(plan, axis=1, keepdims=True)
        square = plan / np.maximum(np.abs(plan).max(1, keepdims=True), 1e-9) * size * 0.85
        body.vertices = np.column_stack([square[:, 0], body.vertices[:, 1], square[:, 1]])
    parts: Parts = {'body': [body]}
    if d.chance(0.6):
        parts['cap'] = [disc(neck * 1.2, height * 0.07, (0, height, 0))]
    return parts


@recipe('bowl', 'body')
def bowl(d: Draw) -> Parts:
    """A shell, deep or shallow, on a small foot."""
    radius, height, wall = d(0.4, 0.6), d(0.18, 0.5), d(0.015, 0.04)
    t = np.linspace(0, 1, 10)
    curve = np.stack([radius * (0.3 + 0.7 * t ** d(0.4, 0.8)), height * t ** d(0.9, 1.8)], 1)
    inner = (curve - (wall, -wall))[::-1] * (1, 0.97)
    return {'body': [lathe([(0, 0), *curve, *inner, (0, wall)])]}


@recipe('vase', 'body')
def vase(d: Draw) -> Parts:
    """A lathed vessel: belly, neck and flared lip."""
    radius, height = d(0.14, 0.32), d(0.5, 1.1)
    t = np.linspace(0, 1, 24)
    belly, spread = d(0.2, 0.6), d(0.15, 0.35)
    girth = d(0.35, 0.7) + np.exp(-(((t - belly) / spread) ** 2)) + d(-0.1, 0.7) * t**4
    outer = np.stack([radius * girth / girth.max(), t * height], 1)
    inner = np.clip(outer - (0.02, 0), 0.005, None)[::-1]
    return {'body': [lathe([(0, 0), *outer, *inner[:-2]])]}
