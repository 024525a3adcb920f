"""What every room of the package may use."""

from .optional import require

__all__ = ['require']
