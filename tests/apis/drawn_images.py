"""A data set of random images for the tests of stored teacher features."""

import os
import time

import numpy as np
import torch
from mmcv.transforms import BaseTransform
from mmengine.dataset import BaseDataset

from recon_mm.registry import DATASETS, TRANSFORMS


@DATASETS.register_module()
class DrawnImages(BaseDataset):
    METAINFO = {'classes': ('chair',)}

    def __init__(self, num_samples=6, image_path=None, **kwargs):
        self.num_samples = num_samples
        self.file = {} if image_path is None else {'image_path': image_path}
        super().__init__(**kwargs)

    def load_data_list(self):
        numbers = range(self.num_samples)
        return [{'sample_id': f'chair-{i}', 'number': i, **self.file} for i in numbers]


@TRANSFORMS.register_module()
class LoadPointsThatAreNotThere(BaseTransform):
    def transform(self, results):
        raise AssertionError('points are not needed for the features of images')


@TRANSFORMS.register_module()
class LoadDrawnImage(BaseTransform):
    """The sample's own image, slowly if $SECONDS_PER_IMAGE is set."""

    def transform(self, results):
        time.sleep(float(os.environ.get('SECONDS_PER_IMAGE', 0)))
        rng = np.random.default_rng(results['number'])
        results['images'] = rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)
        return results


@TRANSFORMS.register_module()
class NoisyImage(BaseTransform):
    """An augmentation that draws from both generators."""

    def transform(self, results):
        noise = np.random.randint(0, 64, (40, 40, 1))  # noqa: NPY002
        shift = int(torch.randint(40, ()))
        image = np.roll(results['images'] // 2 + noise, shift, axis=1)
        results['images'] = image.astype(np.uint8)
        return results


@DATASETS.register_module()
class DrawnCategories(BaseDataset):
    """Two chairs and a mug."""

    METAINFO = {'classes': ('chair', 'mug')}

    def load_data_list(self):
        return [{'sample_id': f's{i}', 'category': i % 2} for i in range(3)]
