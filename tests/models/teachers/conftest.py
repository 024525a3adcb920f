from pathlib import Path

import pytest

from recon_mm.models.teachers import weights


@pytest.fixture(autouse=True)
def text_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Text tables of a test go to a folder of its own."""
    monkeypatch.setenv('RECON_CACHE', str(tmp_path / 'recon_cache'))
    return tmp_path / 'recon_cache'


@pytest.fixture
def unwarned(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process, no teacher has been warned about."""
    monkeypatch.setattr(weights, '_warned', set())
