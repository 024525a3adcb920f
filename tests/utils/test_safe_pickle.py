import collections
import contextlib
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from recon_mm.utils.safe_pickle import load_pickle


def write(path: Path, value: object, protocol: int = 4) -> Path:
    path.write_bytes(pickle.dumps(value, protocol=protocol))
    return path


@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_and_containers(tmp_path: Path, protocol: int) -> None:
    value = {
        'clouds': [np.arange(6, dtype=np.float32).reshape(2, 3), np.asfortranarray(np.eye(3))],
        'labels': [np.array([1], np.int32), np.int64(2), np.float32(0.5)],
        'names': (('a', None, True), {1, 2}, frozenset([3]), bytearray(b'x'), b'y', 2.5),
        'ordered': collections.OrderedDict(a=1),
    }
    loaded = load_pickle(write(tmp_path / 'data.pkl', value, protocol))
    np.testing.assert_array_equal(loaded['clouds'][0], value['clouds'][0])
    np.testing.assert_array_equal(loaded['clouds'][1], np.eye(3))
    assert loaded['labels'] == value['labels']
    assert loaded['names'] == value['names']
    assert loaded['ordered'] == value['ordered']


@pytest.mark.parametrize('core', [b'numpy.core', b'numpy._core'])
def test_both_spellings_of_numpy(tmp_path: Path, core: bytes) -> None:
    array = np.arange(4.0)
    content = pickle.dumps(array, protocol=2)
    written = b'numpy._core' if b'numpy._core' in content else b'numpy.core'
    path = tmp_path / 'data.pkl'
    path.write_bytes(content.replace(written, core))
    np.testing.assert_array_equal(load_pickle(path), array)


class Attack:
    def __init__(self, function, *args) -> None:
        self.call = function, args

    def __reduce__(self):
        return self.call


def test_code_is_refused_before_it_runs(tmp_path: Path) -> None:
    mark = tmp_path / 'owned'
    attacks = [
        Attack(os.mkdir, str(mark)),
        Attack(eval, f"__import__('os').mkdir({str(mark)!r})"),
        Attack(getattr, np.ndarray, 'tofile'),
        Attack(np.save, str(mark), np.zeros(1)),
    ]
    for attack in attacks:
        for protocol in (0, 2, 4):
            path = write(tmp_path / 'attack.pkl', [np.zeros(3), attack], protocol)
            with pytest.raises(pickle.UnpicklingError, match=r'attack\.pkl.*refused') as error:
                load_pickle(path)
            function = attack.call[0]
            assert f'{function.__module__}.{function.__name__}' in str(error.value) or (
                protocol < 3  # builtins are spelled __builtin__ there
            )
    assert [p.name for p in tmp_path.iterdir()] == ['attack.pkl']


def test_only_latin1_is_encoded(tmp_path: Path) -> None:
    import codecs

    path = write(tmp_path / 'data.pkl', Attack(codecs.encode, 'abc', 'rot13'), 2)
    with pytest.raises(pickle.UnpicklingError, match='rot13'):
        load_pickle(path)


@pytest.mark.parametrize('content', [b'', b'nonsense', pickle.dumps(np.zeros(100))[:-50]])
def test_damaged_pickle(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / 'data.pkl'
    path.write_bytes(content)
    with pytest.raises(pickle.UnpicklingError, match=r'data\.pkl.*no complete pickle'):
        load_pickle(path)


class Raw:
    """An object that pickles as whatever call and state it is told."""

    def __init__(self, *reduced) -> None:
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


def hidden_object_type() -> Raw:
    """A type that says f8 and becomes a pair with an object when its state is set."""
    fields = {'a': (np.dtype('f8'), 0), 'b': (np.dtype('O'), 8)}
    return Raw(np.dtype, ('f8', False, True), (3, '|', None, ('a', 'b'), fields, 16, 1, 27))


RECONSTRUCT = np.zeros(1).__reduce__()[0]
START = (np.ndarray, (0,), b'b')
SCALAR = np.float64(1).__reduce__()[0]


def test_arrays_of_dictionaries(tmp_path: Path) -> None:
    value = np.array([{'a': np.arange(3)}, {'b': 'text'}], dtype=object)
    first, second = load_pickle(write(tmp_path / 'data.pkl', value, 4)).tolist()
    assert first['a'].tolist() == [0, 1, 2] and second == {'b': 'text'}


@pytest.mark.parametrize(
    ('value', 'message'),
    [
        (
            Raw(RECONSTRUCT, START, (1, (2,), hidden_object_type(), False, b'x' * 32)),
            'fields|numbers',
        ),
        (Raw(RECONSTRUCT, START, (1, (1,), np.dtype('O'), False, b'x' * 8)), 'not its list'),
        (Raw(RECONSTRUCT, START, (1, (2,), np.dtype('O'), False, [1])), 'not its list'),
        (Raw(RECONSTRUCT, START, (1, (-1,), np.dtype('O'), False, [])), 'shape'),
        (Raw(SCALAR, (np.dtype('O'), b'x' * 8)), 'from bytes'),
        (Raw(RECONSTRUCT, START, (1, (9,), np.dtype('f8'), False, b'x' * 8)), 'from 8 bytes'),
        (Raw(RECONSTRUCT, START, (1, (-1,), np.dtype('f8'), False, b'')), 'shape'),
        (Raw(RECONSTRUCT, START, (1, (2**40, 0), np.dtype('f8'), False, b'x')), 'from 1 bytes'),
        (np.zeros(2, dtype=[('a', 'f4'), ('b', 'O')]), 'numbers or text'),
        (np.array(['2026-01-01'], dtype='M8[D]'), 'numbers or text'),
        (Raw(bytearray, (2**40,)), 'a bytearray of int'),
        (Raw(np.ndarray, ((2**40,),)), 'not callable'),
    ],
)
@pytest.mark.parametrize('protocol', [2, 4])
def test_arrays_that_lie(tmp_path: Path, value: object, message: str, protocol: int) -> None:
    """If trusted, each would read memory that is not its own, or allocate all there is."""
    path = write(tmp_path / 'data.pkl', value, protocol)
    with pytest.raises(pickle.UnpicklingError, match=message) as error:
        load_pickle(path)
    assert 'data.pkl' in str(error.value)


@pytest.mark.parametrize(
    'content',
    [
        b'\x80\x04\x8e' + (2**60).to_bytes(8, 'little') + b'abc.',  # bytes of 2**60
        b'\x80\x04K\x01r' + (2**31).to_bytes(4, 'little') + b'.',  # memo place 2**31
        b'\x80\x04\x95' + (2**60).to_bytes(8, 'little') + b'K\x01.',  # a frame of 2**60
    ],
)
def test_sizes_are_checked_before_anything_is_allocated(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / 'data.pkl'
    path.write_bytes(content)
    with pytest.raises(pickle.UnpicklingError, match=r'data\.pkl'):
        load_pickle(path)


def test_a_file_cannot_change_what_it_calls(tmp_path: Path) -> None:
    """State set on a function itself would stay for the next file."""
    content = b'\x80\x04cnumpy.core.multiarray\nscalar\n}X\x01\x00\x00\x00aK\x01sb.'
    path = tmp_path / 'data.pkl'
    path.write_bytes(content)
    with pytest.raises(pickle.UnpicklingError, match='must not change'):
        load_pickle(path)


def test_damaged_bytes_end_in_one_kind_of_error(tmp_path: Path) -> None:
    value = [[np.arange(12, dtype=np.float32).reshape(4, 3)] * 3, np.array([1, 2, 3]), 'text']
    whole, path = pickle.dumps(value, protocol=4), tmp_path / 'data.pkl'
    rng = np.random.default_rng(0)
    for _ in range(300):
        content = bytearray(whole)
        for place in rng.integers(len(content), size=rng.integers(1, 4)):
            content[place] = rng.integers(256)
        path.write_bytes(bytes(content[: rng.integers(1, len(content) + 1)]))
        with contextlib.suppress(pickle.UnpicklingError):
            load_pickle(path)
