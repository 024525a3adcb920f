"""Fixtures that all tests share."""

import json
import os
from pathlib import Path

import pytest
import torch

REFERENCE_ENV = 'RECON_REFERENCE'
TINY_CLIP = 'recon-test-tiny-clip'


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


@pytest.fixture(scope='session')
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a CLIP of two small towers that open_clip builds in milliseconds."""
    open_clip = pytest.importorskip('open_clip')
    config = {
        'embed_dim': 32,
        'quick_gelu': True,
        'vision_cfg': {
            'image_size': 32,
            'layers': 2,
            'width': 64,
            'head_width': 32,
            'patch_size': 16,
        },
        'text_cfg': {
            'context_length': 77,
            'vocab_size': 49408,
            'width': 64,
            'heads': 2,
            'layers': 3,
        },
    }
    path = tmp_path_factory.mktemp('clip') / f'{TINY_CLIP}.json'
    path.write_text(json.dumps(config))
    open_clip.add_model_config(path)
    return TINY_CLIP


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
