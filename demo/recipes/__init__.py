"""One function per category: random draws in, labeled parts out."""

from demo.recipes import (  # noqa: F401 - each registers its recipes
    airplane,
    bathroom,
    bedding,
    containers,
    handheld,
    household,
    motorbike,
    seating,
    storage,
    tables,
    vehicles,
    vessels,
    weapons,
)
from demo.recipes.base import RECIPES, Draw

__all__ = ['RECIPES', 'Draw']
