import json
from pathlib import Path

import pytest

from recon_mm.models.teachers import weights

TINY_CLIP = 'recon-test-tiny-clip'


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
def text_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Text tables of a test go to a folder of its own."""
    monkeypatch.setenv('RECON_CACHE', str(tmp_path / 'recon_cache'))
    return tmp_path / 'recon_cache'


@pytest.fixture
def unwarned(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process, no teacher has been warned about."""
    monkeypatch.setattr(weights, '_warned', set())
