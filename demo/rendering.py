"""A picture of an object: a random viewpoint, and its parts in random colors."""

from __future__ import annotations

import colorsys

import numpy as np

from demo.objects import DemoObject
from recon_mm.datasets.rendering import render_mesh


def render(shape: DemoObject, rng: np.random.Generator) -> np.ndarray:
    """Draws an object from a random viewpoint, its parts in random colors, on white.

    Args:
        shape: The object.
        rng: Decides viewpoint and colors.

    Returns:
        (224, 224, 3) uint8, RGB.
    """
    # from the front and the sides: the back of a cabinet does not show what it is
    azimuth, elevation = np.radians(rng.uniform((-115, 5), (115, 40)))
    colors = _palette(len(shape.part_names), rng)[shape.face_parts]  # (F, 3)
    return render_mesh(shape.vertices, shape.faces, azimuth, elevation, colors)


def _palette(count: int, rng: np.random.Generator) -> np.ndarray:
    """Colors (count, 3): related hues, some of them gray."""
    hue, gray = rng.uniform(0, 1), rng.random() < 0.3
    colors = []
    for _ in range(count):
        saturation = rng.uniform(0, 0.15) if gray or rng.random() < 0.25 else rng.uniform(0.3, 0.75)
        tone = (hue + rng.uniform(-0.15, 0.15)) % 1
        colors.append(colorsys.hsv_to_rgb(tone, saturation, rng.uniform(0.35, 0.9)))
    return np.array(colors)
