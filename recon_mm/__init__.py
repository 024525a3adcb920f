"""ReCon (Contrast with Reconstruct, ICML 2023) as an MMEngine plug-in.

Importing the package creates its registries under MMEngine's roots and lets torch's safe loading
read MMEngine's checkpoints; the parts themselves are imported when a config first names one.
"""

from . import registry
from .utils.safe_checkpoint import allow_mmengine_checkpoints, register_loaders
from .version import __version__

allow_mmengine_checkpoints()
register_loaders()

__all__ = ['__version__', 'registry']
