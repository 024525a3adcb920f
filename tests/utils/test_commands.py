"""How a command ends."""

import errno
from concurrent.futures import ProcessPoolExecutor

import pytest
from torch.utils.data import DataLoader, Dataset

from recon_mm.datasets.readers import read_npy
from recon_mm.utils.commands import command, expected_message
from recon_mm.utils.optional import require


def read_nothing(path: str = 'nowhere.npy') -> None:
    read_npy(path)


def count_wrongly(path: str = '') -> None:
    len(5)  # type: ignore[arg-type]


class Files(Dataset):
    def __init__(self, read) -> None:
        self.read = read

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> None:
        self.read()


def in_a_pool(read) -> None:
    with ProcessPoolExecutor(1) as pool:
        pool.submit(read).result()


def in_a_worker(read) -> None:
    list(DataLoader(Files(read), num_workers=1))


PLACES = [lambda read: read(), in_a_worker, in_a_pool]


@pytest.mark.parametrize('place', PLACES)
def test_an_error_of_the_package_is_its_message(place, capsys) -> None:
    """Wherever it arises: here, in a worker of a data loader, in a process of a pool."""

    @command
    def main(argv, prog) -> int:
        place(read_nothing)
        return 0

    assert main([], 'reader') == 1
    shown = capsys.readouterr().err
    assert shown.startswith("reader: error: no file 'nowhere.npy'")
    assert 'Traceback' not in shown
    assert main.__name__ == 'main'


@pytest.mark.parametrize('place', PLACES)
def test_a_bug_keeps_its_traceback(place) -> None:
    @command
    def main(argv, prog) -> int:
        place(count_wrongly)
        return 0

    with pytest.raises(TypeError, match=r'has no len\(\)'):
        main([])


def test_a_traceback_is_shown_where_it_is_wanted(monkeypatch) -> None:
    @command
    def main(argv, prog) -> int:
        raise OSError(errno.ENOSPC, 'No space left on device')

    assert main([]) == 1
    with pytest.raises(OSError, match='No space left'):
        main(['--traceback'])
    monkeypatch.setenv('RECON_TRACEBACK', '1')
    with pytest.raises(OSError, match='No space left'):
        main([])


def test_an_error_of_someone_else_s_code_is_not_hidden() -> None:
    for error in (ValueError('of a module of a user'), RuntimeError('of torch'), KeyError('key')):
        assert expected_message(error) is None


def test_a_missing_package_names_its_extra() -> None:
    with pytest.raises(ImportError) as raised:
        require('no_such_module', 'demo')
    assert 'pip install' in str(expected_message(raised.value))


@pytest.mark.parametrize(
    ('said', 'meant'),
    [
        ('CUDA out of memory. Tried to allocate 2.00 GiB', 'use a smaller batch_size'),
        ('num_samples should be a positive integer value, but got num_samples=0', 'set is empty'),
        ('Torch not compiled with CUDA enabled', '--device'),
    ],
)
def test_what_torch_says_is_explained(said: str, meant: str) -> None:
    message = expected_message(RuntimeError(said))
    assert message is not None and meant in message and said in message
