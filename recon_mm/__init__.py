"""ReCon (Contrast with Reconstruct, ICML 2023) as an MMEngine plug-in."""

from . import registry
from .version import __version__

__all__ = ['__version__', 'registry']
