"""Demo data: parametric objects written in the layouts of the real sets.

From the bottom up: ``solids`` (primitives), ``recipes`` (a category each), ``objects`` (one
random object), ``sampling``, ``rendering``, ``scanning`` and ``rooms`` (points and pictures),
``layouts`` (files), ``make`` (all of it), ``command`` (its command line). Part of a checkout, never
installed.
"""

from demo.layouts import LAYOUTS
from demo.make import make_demo_data
from demo.request import Counts

__all__ = ['LAYOUTS', 'Counts', 'make_demo_data']
