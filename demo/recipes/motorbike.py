"""Motorbike; it heads to +z."""

# ruff: noqa: RUF005 - here a tuple added to a vector is a shift, not a longer sequence
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from demo.recipes.base import Draw, Parts, recipe
from demo.solids import ball, box, disc, loft, ring, rod, rotate

if TYPE_CHECKING:
    from trimesh import Trimesh


@recipe('motorbike', 'gas tank', 'seat', 'wheel', 'handle', 'light', 'frame')
def motorbike(d: Draw) -> Parts:
    """Racer, chopper or scooter-like, by the fork's angle and the wheels."""
    wheel, tyre = d(0.27, 0.36), d(0.04, 0.085)
    base, fork = d(1.2, 1.75), d(15, 42)
    rear, front = np.array([0, wheel, -base / 2]), np.array([0, wheel, base / 2])
    wheels: list[Trimesh] = []
    for hub in (rear, front):
        wheels += [ring(wheel - tyre, tyre, hub, 'x'), disc(wheel * 0.3, tyre * 2.2, hub, 'x')]
        wheels += [
            rod(hub, hub + (wheel - tyre) * np.array([0, np.cos(a), np.sin(a)]), 0.012)
            for a in np.arange(5) * 2 * np.pi / 5
        ]
    tall = d(0.72, 0.95)
    head = front + np.array([0, 1, -np.tan(np.radians(fork))]) * (tall - wheel)
    grip = d(0.25, 0.42)
    frame = [
        rod(front + (s * tyre * 1.4, 0, 0), head + (s * tyre * 1.4, 0, 0), 0.025) for s in (-1, 1)
    ]
    engine = np.array([0, wheel + d(0, 0.08), d(-0.1, 0.1)])
    bulk = d(0.1, 0.18)
    frame += [ball((bulk * 0.9, bulk, bulk * 1.4), engine), rod(engine, head, 0.035)]
    frame += [rod(rear + (s * 0.08, 0, 0), engine + (s * 0.08, 0, 0), 0.03) for s in (-1, 1)]
    seat_y = wheel + d(0.28, 0.42)
    frame += [rod(rear + (s * 0.08, 0, 0), (s * 0.08, seat_y, -base * 0.3), 0.022) for s in (-1, 1)]
    frame.append(rod((0, seat_y, -base * 0.35), head - (0, 0.08, 0), 0.035))
    if d.chance(0.75):
        pipe = 0.13
        frame.append(
            rod(
                engine + (pipe, -bulk * 0.5, 0),
                rear + (pipe, d(-0.05, 0.25), -0.15),
                d(0.03, 0.055),
            )
        )
    if d.chance(0.6):
        for hub in (rear, front):
            frame.append(
                rotate(box((tyre * 2.4, 0.015, wheel), hub + (0, wheel + 0.03, 0)), 'x', -10, hub)
            )
    tank_z = head[2] - d(0.2, 0.3)
    tank = ball((d(0.09, 0.15), d(0.09, 0.14), d(0.2, 0.28)), (0, seat_y + 0.08, tank_z))
    stretch = abs(tank_z - 0.1 + base * 0.5)
    seat = loft(
        [
            (-stretch / 2, 0.06, 0.02, d(0, 0.15)),
            (-stretch * 0.2, 0.12, 0.05, 0.02),
            (stretch * 0.35, 0.1, 0.05, 0),
            (stretch / 2, 0.05, 0.03, 0.02),
        ],
        3,
        (0, seat_y + 0.04, (tank_z - 0.1 - base * 0.5) / 2),
    )
    rise, back = d(0, 0.25), d(0.02, 0.2)
    handle = [rod(head, head + (0, rise + 0.05, 0), 0.025)]
    for side in (-1, 1):
        handle.append(
            rod(head + (0, rise + 0.05, 0), head + (side * grip, rise + 0.08, -back), 0.02)
        )
        handle.append(ball((0.06, 0.03, 0.03), head + (side * grip, rise + 0.08, -back)))
    parts: Parts = {
        'gas tank': [tank],
        'seat': [seat],
        'wheel': wheels,
        'handle': handle,
        'frame': frame,
    }
    if d.chance(0.8):
        parts['light'] = [ball((0.08, 0.08, 0.07), head + (0, -0.03, 0.12))]
    return parts
