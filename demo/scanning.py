"""What a scan does to an object: noise, a side unseen, a room around it, a box that misses."""

from __future__ import annotations

import numpy as np

from demo.objects import DemoObject
from demo.sampling import sample_surface

DENSE = 8192  # points of the object before any are lost
SCAN_NOISE = 0.012


def scan_object(shape: DemoObject, rng: np.random.Generator) -> np.ndarray:
    """The object as a scanner sees it, (M, 3): noisy, and thinner on the far side."""
    points = sample_surface(shape, DENSE, rng, noise=SCAN_NOISE).points
    points = points + rng.normal(0, SCAN_NOISE / 2, points.shape)
    angle = rng.uniform(0, 2 * np.pi)
    depth = points @ (np.sin(angle), 0, np.cos(angle))
    lost = depth < np.quantile(depth, rng.uniform(0, 0.3))
    return points[~lost | (rng.random(len(points)) < 0.15)]


def background(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Floor under the object, and mostly a wall beside it, (M, 3)."""
    low, high = points.min(0), points.max(0)
    margin = rng.uniform(0.05, 0.3, (2, 3)) * (high - low)
    low, high = low - margin[0], high + margin[1]
    count = int(len(points) * rng.uniform(0.1, 0.4))
    around = rng.uniform(low, high, (count, 3))
    floor = rng.random(count) < (1.0 if rng.random() < 0.3 else 0.6)
    around[floor, 1] = points[:, 1].min()
    around[~floor, rng.choice([0, 2])] = low[0] if rng.random() < 0.5 else high[0]
    around[~floor] = np.clip(around[~floor], low, high)
    return around + rng.normal(0, SCAN_NOISE / 2, around.shape)


def perturb(
    points: np.ndarray, around: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Perturbs the box as ``PB_T50_RS`` says, and cuts what it holds.

    The box is shifted by up to half its size along each axis (the object loses what falls
    outside), its content is rotated about the vertical and scaled by 0.75 to 1.25.

    Args:
        points: (M, 3) of the object.
        around: (L, 3) of the background.
        rng: Decides the perturbation.

    Returns:
        The two sets that are left, as given.
    """
    low, high = points.min(0), points.max(0)
    size = high - low
    shift = rng.uniform(-0.5, 0.5, 3) * size * (1, 0.5, 1)
    reach = rng.uniform(0.05, 0.25) * size
    angle = rng.uniform(0, 2 * np.pi)
    cos, sin = np.cos(angle), np.sin(angle)
    rotation = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]) * rng.uniform(0.75, 1.25)
    kept = []
    for cloud in (points, around):
        inside = ((cloud >= low + shift - reach) & (cloud <= high + shift + reach)).all(1)
        kept.append(cloud[inside] @ rotation.T)
    return kept[0], kept[1]


def draw_points(cloud: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """``count`` of the points in random order, centered, within the unit ball; (count, 3) float32.

    Points repeat only where there are too few.
    """
    repeats = -(-count // len(cloud))
    chosen = np.concatenate([rng.permutation(len(cloud)) for _ in range(repeats)])[:count]
    points = cloud[chosen]
    points = points - points.mean(0)
    return (points / np.linalg.norm(points, axis=1).max()).astype(np.float32)
