"""ReCon (Contrast with Reconstruct, ICML 2023) as an MMEngine plug-in."""

from .version import __version__

__all__ = ['__version__']
