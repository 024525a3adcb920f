import pytest

from recon_mm.models.teachers import weights


@pytest.fixture
def unwarned(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process, no teacher has been warned about."""
    monkeypatch.setattr(weights, '_warned', set())
