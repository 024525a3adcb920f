"""What a recipe is: a function from random draws to the labeled parts of one object."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from trimesh import Trimesh

Parts = dict[str, list['Trimesh']]
"""Meshes by the name of their part; a part that an object lacks is absent."""


class Draw:
    """The random choices of one object, concise to write.

    Args:
        rng: Where every draw comes from.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def __call__(self, low: float, high: float) -> float:
        """A number between ``low`` and ``high``, uniformly."""
        return float(self.rng.uniform(low, high))

    def chance(self, probability: float) -> bool:
        """True with ``probability``."""
        return bool(self.rng.random() < probability)

    def choice(self, *options):
        """One of ``options``, all equally likely."""
        return options[int(self.rng.integers(len(options)))]


class Recipe(NamedTuple):
    """A category that can be made."""

    category: str
    parts: tuple[str, ...]  # in the order of the part labels
    build: Callable[[Draw], Parts]


RECIPES: dict[str, Recipe] = {}


def recipe(category: str, *parts: str) -> Callable[[Callable[[Draw], Parts]], Callable]:
    """Registers a function as the recipe of ``category`` with the names of its parts."""

    def register(build: Callable[[Draw], Parts]) -> Callable[[Draw], Parts]:
        RECIPES[category] = Recipe(category, parts, build)
        return build

    return register
