"""Files to samples: one file a data set, and the transforms beside them."""

from . import transforms
from .base import PointCloudDataset
from .batched_shapenet55 import BatchedShapeNet55
from .errors import DataError
from .hybrid import Hybrid, HybridLabeled
from .modelnet import ModelNet
from .modelnet_fewshot import ModelNetFewShot, ModelNetFewShotDrawn
from .openshape import OpenShape, OpenShapeZeroShot
from .part_folder import PartFolder
from .s3dis import S3DISBlocks
from .scanobjectnn import ScanObjectNN
from .seeding import EpochSampler
from .shape_folder import ShapeFolder
from .shapenet55 import ShapeNet55
from .shapenet_part import ShapeNetPart
from .wrappers import ClassBalancedDataset, ConcatDataset, RepeatDataset

__all__ = [
    'BatchedShapeNet55',
    'ClassBalancedDataset',
    'ConcatDataset',
    'DataError',
    'EpochSampler',
    'Hybrid',
    'HybridLabeled',
    'ModelNet',
    'ModelNetFewShot',
    'ModelNetFewShotDrawn',
    'OpenShape',
    'OpenShapeZeroShot',
    'PartFolder',
    'PointCloudDataset',
    'RepeatDataset',
    'S3DISBlocks',
    'ScanObjectNN',
    'ShapeFolder',
    'ShapeNet55',
    'ShapeNetPart',
    'transforms',
]
