import threading

import pytest
import torch

from recon_mm.models.teachers.text_table import default_cache_dir, load_or_compute


def test_default_folder(monkeypatch, tmp_path):
    monkeypatch.setenv('RECON_CACHE', str(tmp_path))
    assert default_cache_dir() == tmp_path
    monkeypatch.delenv('RECON_CACHE')
    assert default_cache_dir().parts[-2:] == ('.cache', 'recon_mm')


def test_computes_once_for_callers_at_the_same_time(tmp_path):
    calls, results = [], []
    together = threading.Barrier(4)

    def compute():
        calls.append(1)
        return torch.arange(6.0)

    def ask():
        together.wait()
        results.append(load_or_compute(tmp_path / 'new', {'model': 'a'}, compute))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1
    assert len(results) == 4
    assert all(torch.equal(result, torch.arange(6.0)) for result in results)
    assert not list((tmp_path / 'new').glob('*.tmp'))


def test_damaged_file_and_wrong_key_are_computed_again(tmp_path):
    origin = {'model': 'a'}
    load_or_compute(tmp_path, origin, lambda: torch.zeros(2))
    (file,) = tmp_path.glob('*.pt')
    file.write_bytes(file.read_bytes()[:-40])
    again = load_or_compute(tmp_path, origin, lambda: torch.ones(2))
    assert again.tolist() == [1, 1]
    torch.save({'key': 'another origin', 'table': torch.zeros(2)}, file)
    again = load_or_compute(tmp_path, origin, lambda: torch.full((2,), 3.0))
    assert again.tolist() == [3, 3]
    assert load_or_compute(tmp_path, origin, pytest.fail).tolist() == [3, 3]


def test_folder_that_cannot_be_written(tmp_path):
    (tmp_path / 'file').write_text('not a folder')
    table = load_or_compute(tmp_path / 'file', {'model': 'a'}, lambda: torch.ones(2))
    assert table.tolist() == [1, 1]
