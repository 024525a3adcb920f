"""The plain form of the pretraining step: the method's text, line by line.

The same mathematics as the package's models with none of their shortcuts, to compare results and
speed with. Every parameter has its name in the authors' checkpoints, so that
``recon_mm.models.release.to_release`` carries the weights over.
"""

from .downstream import PlainClassifier, PlainPartSegmentor
from .recon import PlainReCon
from .teachers import PlainImageTeacher, PlainTextTeacher

__all__ = [
    'PlainClassifier',
    'PlainImageTeacher',
    'PlainPartSegmentor',
    'PlainReCon',
    'PlainTextTeacher',
]
