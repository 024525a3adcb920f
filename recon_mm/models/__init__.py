"""Models: importing this package registers all of them."""

from recon_mm.utils.safe_checkpoint import register_loaders

from .algorithms import *  # noqa: F403
from .backbones import *  # noqa: F403
from .data_preprocessor import *  # noqa: F403
from .heads import *  # noqa: F403
from .necks import *  # noqa: F403
from .teachers import *  # noqa: F403

register_loaders()
