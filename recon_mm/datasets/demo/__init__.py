"""Demo data: parametric objects written in the layouts of the real sets.

From the bottom up: ``solids`` (primitives), ``recipes`` (a category each), ``objects`` (one
random object), ``sampling``, ``rendering``, ``scanning`` and ``rooms`` (points and pictures),
``layouts`` (files), ``make`` (all of it).
"""

from recon_mm.datasets.demo.layouts import LAYOUTS
from recon_mm.datasets.demo.make import make_demo_data
from recon_mm.datasets.demo.objects import DemoObject, make_object
from recon_mm.datasets.demo.rendering import render
from recon_mm.datasets.demo.request import Counts
from recon_mm.datasets.demo.sampling import SurfacePoints, sample_surface

__all__ = [
    'LAYOUTS',
    'Counts',
    'DemoObject',
    'SurfacePoints',
    'make_demo_data',
    'make_object',
    'render',
    'sample_surface',
]
