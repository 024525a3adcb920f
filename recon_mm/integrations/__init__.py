"""What other OpenMMLab libraries need to use the backbone; none of them is imported here."""

from . import mmdet3d

__all__ = ['mmdet3d']
