"""What a missing optional package says."""

import pytest

from recon_mm.utils import require
from recon_mm.version import __version__


def test_a_missing_package_names_what_installs_it() -> None:
    with pytest.raises(ImportError) as raised:
        require('not_there.part', 'teachers')
    message = str(raised.value)
    assert message.startswith("'not_there.part' is needed here and is not installed: ")
    assert "pip install -e '.[teachers]' in a checkout of recon_mm" in message
    assert f"pip install 'recon_mm-{__version__}-py3-none-any.whl[teachers]'" in message


def test_a_module_that_fails_inside_is_not_called_missing(tmp_path, monkeypatch) -> None:
    (tmp_path / 'halfway_there.py').write_text('import not_there\n')
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="No module named 'not_there'"):
        require('halfway_there', 'teachers')
