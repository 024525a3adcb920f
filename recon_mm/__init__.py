"""ReCon (Contrast with Reconstruct, ICML 2023) as an MMEngine plug-in.

Importing the package creates its registries under MMEngine's roots and lets configs name its own
(``_base_ = 'recon_mm::recon/pretrain_shapenet.py'``); the parts themselves, and torch with them,
are imported when a config first names one.
"""

from mmengine.config.utils import MODULE2PACKAGE

from . import registry
from .version import __version__

# MMEngine asks the metadata of a distribution where a package is, which is wrong for an editable
# install; for the name of a module, which no distribution has, it asks Python.
MODULE2PACKAGE['recon_mm'] = 'recon_mm.version'

__all__ = ['__version__', 'registry']
