import collections
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
def test_no_whole_pickle(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / 'data.pkl'
    path.write_bytes(content)
    with pytest.raises(pickle.UnpicklingError, match=r'data\.pkl.*no whole pickle'):
        load_pickle(path)
