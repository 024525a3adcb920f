"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest
import torch

REFERENCE_ENV = 'RECON_REFERENCE'


@pytest.fixture(scope='session')
def reference_dir() -> Path:
    """The folder with the input/output vectors of the authors' release.

    Named by ``$RECON_REFERENCE``, else ``shared/reference`` beside the checkout.
    """
    named = os.environ.get(REFERENCE_ENV)
    folder = Path(named) if named else Path(__file__).parents[2] / 'shared' / 'reference'
    if not folder.is_dir():
        pytest.skip(f'no reference vectors at {folder}; name their folder in ${REFERENCE_ENV}')
    return folder


@pytest.fixture(autouse=True)
def seed() -> None:
    """Every test starts from the same random state."""
    torch.manual_seed(0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked ``cuda`` are skipped, with the reason, where there is no such device."""
    if torch.cuda.is_available():
        return
    for item in items:
        if item.get_closest_marker('cuda'):
            item.add_marker(pytest.mark.skip(reason='needs a CUDA device'))
