"""Files to samples: one file a data set, and the transforms beside them."""

from . import transforms
from .base import PointCloudDataset
from .errors import DataError
from .modelnet import ModelNet
from .shapenet55 import ShapeNet55

__all__ = ['DataError', 'ModelNet', 'PointCloudDataset', 'ShapeNet55', 'transforms']
