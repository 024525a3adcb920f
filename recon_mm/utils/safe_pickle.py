"""Reads pickles of arrays, and nothing that could run code.

``pickle.load`` runs whatever a downloaded file names. The community's data sets come as pickles of
numpy arrays in lists and dictionaries; the few globals those need are listed here, and a file that
names any other is refused before anything of it runs.
"""

import codecs
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np


def _encode_latin1(text: str, encoding: str = 'latin1') -> bytes:
    """How protocol 2 writes bytes; ``codecs.encode`` itself would reach any codec."""
    if encoding not in ('latin1', 'latin-1'):
        raise pickle.UnpicklingError(f'encoding {encoding!r}, only latin1 occurs in arrays')
    return codecs.latin_1_encode(text)[0]


def _from_buffer(buffer: Any, dtype: np.dtype, shape: tuple[int, ...], order: Any) -> np.ndarray:
    """How protocol 5 writes a contiguous array."""
    return np.frombuffer(buffer, dtype=dtype).reshape(shape, order=order)


_ALLOWED: dict[tuple[str, str], Any] = {
    ('numpy', 'ndarray'): np.ndarray,
    ('numpy', 'dtype'): np.dtype,
    ('_codecs', 'encode'): _encode_latin1,
    ('collections', 'OrderedDict'): OrderedDict,
}
for _core in ('numpy.core', 'numpy._core'):  # the spellings of numpy 1 and numpy 2
    _ALLOWED[f'{_core}.multiarray', '_reconstruct'] = np.empty(0).__reduce__()[0]
    _ALLOWED[f'{_core}.multiarray', 'scalar'] = np.float64(0).__reduce__()[0]
    _ALLOWED[f'{_core}.numeric', '_frombuffer'] = _from_buffer
for _builtins in ('builtins', '__builtin__'):  # Python 3, Python 2
    for _kind in (list, dict, tuple, set, frozenset, bytearray):
        _ALLOWED[_builtins, _kind.__name__] = _kind


class RestrictedUnpickler(pickle.Unpickler):
    """Finds only the globals that arrays and built-in containers need.

    Args:
        file: A binary file.
        name: What to call it in the error.
        **kwargs: Those of ``pickle.Unpickler``.
    """

    def __init__(self, file: Any, name: str, **kwargs: Any) -> None:
        super().__init__(file, **kwargs)
        self.name = name

    def find_class(self, module: str, name: str) -> Any:
        """The object of a global.

        Raises:
            pickle.UnpicklingError: If it is not one that arrays need.
        """
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(
                f"'{self.name}' asks for '{module}.{name}', which is refused: a pickle can run any "
                f'code it names, and only numpy arrays and built-in containers are allowed here. '
                f'Do not load this file elsewhere unless you trust its origin; write its arrays '
                f'as .npy, or get the data set from its official source.'
            )
        return _ALLOWED[module, name]


def load_pickle(path: str | Path) -> Any:
    """Reads a pickle of arrays, numbers, strings and built-in containers.

    Python 2's pickles are read with latin1, as numpy's manual says.

    Raises:
        pickle.UnpicklingError: If the file is truncated or no pickle, or names a global that is
            not allowed (which then has not been run); names the file.
        FileNotFoundError: If there is no such file.
    """
    with open(path, 'rb') as file:
        try:
            return RestrictedUnpickler(file, str(path), encoding='latin1').load()
        except pickle.UnpicklingError as error:
            if str(path) in str(error):
                raise
            raise pickle.UnpicklingError(f"'{path}' is no whole pickle ({error})") from error
        except (EOFError, ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
            raise pickle.UnpicklingError(
                f"'{path}' is no whole pickle ({type(error).__name__}: {error})"
            ) from error
