"""Sample scenes of mmdetection3d."""

from pathlib import Path

import pytest


@pytest.fixture(scope='session')
def samples_dir(shared_data: Path) -> Path:
    """The sample scenes that mmdetection3d's repository has for its tests and demos."""
    return shared_data / 'mmdet3d_samples'
