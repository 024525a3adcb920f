"""Sample scenes of mmdetection3d, and this package's configs for it, made small."""

import os
from pathlib import Path

import pytest

SAMPLES_ENV = 'RECON_MMDET3D_SAMPLES'


@pytest.fixture(scope='session')
def samples_dir() -> Path:
    """The sample scenes that mmdetection3d's repository has for its tests and demos.

    Named by ``$RECON_MMDET3D_SAMPLES`` (its folders are ``tests_data``, ``scannet_demo``, ...),
    else ``shared/data/mmdet3d_samples`` beside the checkout.
    """
    named = os.environ.get(SAMPLES_ENV)
    beside = Path(__file__).parents[4] / 'shared' / 'data' / 'mmdet3d_samples'
    folder = Path(named) if named else beside
    if not folder.is_dir():
        pytest.skip(f'no sample scenes at {folder}; name their folder in ${SAMPLES_ENV}')
    return folder
