"""One function per category: random draws in, labeled parts out."""

from recon_mm.datasets.demo.recipes import (
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
from recon_mm.datasets.demo.recipes.base import RECIPES, Draw, Parts, Recipe

__all__ = [
    'RECIPES',
    'Draw',
    'Parts',
    'Recipe',
    'airplane',
    'bathroom',
    'bedding',
    'containers',
    'handheld',
    'household',
    'motorbike',
    'seating',
    'storage',
    'tables',
    'vehicles',
    'vessels',
    'weapons',
]
