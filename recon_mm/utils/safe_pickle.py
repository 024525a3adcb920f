"""Reads pickles of arrays, and nothing that could run code.

``pickle.load`` runs whatever a downloaded file names. The community's data sets come as pickles of
numpy arrays in lists and dictionaries; the few globals those need are listed here, and a file that
names any other is refused before any of it runs. Even numpy's own functions trust their
arguments (a type with a hidden object field turns bytes of the file into pointers), so arrays are
made by functions of this module, from plain types and checked sizes only.
"""

import codecs
import math
import pickle
import pickletools
from collections import OrderedDict
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

_KINDS = 'biufcSU'  # numbers and fixed-width strings: their bytes are values, never pointers
_OBJECTS = np.dtype(object)  # whose values come as a list, never as bytes


class _PlainType:
    """Stands in for ``numpy.dtype`` while a pickle is read."""

    def __init__(self, name: Any, align: Any = False, copy: Any = False) -> None:
        if not isinstance(name, str) or not name.lstrip('<>|=')[:1].isalpha():
            raise pickle.UnpicklingError(f'array type {name!r}, expected one such as f4')
        self.type = np.dtype(name)
        self._check()

    def __setstate__(self, state: Any) -> None:
        version, order, *fields = state[:5]
        if not isinstance(version, int) or any(field is not None for field in fields):
            raise pickle.UnpicklingError('array type with fields, expected plain numbers')
        if order not in ('<', '>', '|', '='):
            raise pickle.UnpicklingError(f'byte order {order!r} of an array type')
        self.type = self.type.newbyteorder(order)
        self._check()

    def _check(self) -> None:
        if (self.type != _OBJECTS and self.type.kind not in _KINDS) or self.type.itemsize == 0:
            raise pickle.UnpicklingError(f'array type {self.type}, expected numbers or text')


class _PlainArray(np.ndarray):
    """An array whose state is checked before numpy uses it."""

    def __setstate__(self, state: Any) -> None:
        _, shape, kind, fortran, data = state
        if isinstance(kind, _PlainType) and kind.type == _OBJECTS:
            _check_shape(shape)
            if not isinstance(data, list) or len(data) != math.prod(shape):
                raise pickle.UnpicklingError(f'an array {shape} of objects that are not its list')
        else:
            data = _as_bytes(data)
            _check_size(shape, kind, data)
        checked: Any = (1, shape, kind.type, bool(fortran), data)
        super().__setstate__(checked)


class _Function:
    """What a pickle may call; unlike a plain function, the pickle cannot change it."""

    __slots__ = ('call',)

    def __init__(self, call: Callable[..., Any]) -> None:
        self.call = call

    def __call__(self, *args: Any) -> Any:
        return self.call(*args)

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError('a file must not change what it calls')


def _as_bytes(data: Any) -> Any:
    """Python 2's pickles have text in place of bytes."""
    return data.encode('latin1') if isinstance(data, str) else data


def _check_size(shape: Any, kind: Any, data: Any) -> None:
    """Compares the declared shape and type of an array with the bytes present."""
    if not isinstance(kind, _PlainType) or kind.type == _OBJECTS or not isinstance(data, bytes):
        raise pickle.UnpicklingError(
            f'an array of {type(kind).__name__} from {type(data).__name__}'
        )
    _check_shape(shape)
    if math.prod(shape) * kind.type.itemsize != len(data):
        raise pickle.UnpicklingError(f'an array {shape} of {kind.type} from {len(data)} bytes')


def _check_shape(shape: Any) -> None:
    is_shape = isinstance(shape, tuple) and all(isinstance(n, int) and n >= 0 for n in shape)
    if not is_shape or len(shape) > 32:
        raise pickle.UnpicklingError(f'an array of shape {shape!r}')


def _reconstruct(cls: Any, shape: Any, typecode: Any) -> np.ndarray:
    return np.empty(0, np.int8).view(_PlainArray)  # its state follows


def _scalar(kind: Any, data: Any) -> Any:
    data = _as_bytes(data)
    _check_size((), kind, data)
    return np.frombuffer(data, kind.type)[0]


def _from_buffer(data: Any, kind: Any, shape: Any, order: Any) -> np.ndarray:
    """How protocol 5 writes a contiguous array."""
    data = bytes(data) if isinstance(data, bytearray) else data
    _check_size(shape, kind, data)
    return np.frombuffer(data, kind.type).reshape(shape, order='F' if order == 'F' else 'C')


def _encode_latin1(text: str, encoding: str = 'latin1') -> bytes:
    """How protocol 2 writes bytes; ``codecs.encode`` itself would reach any codec."""
    if encoding not in ('latin1', 'latin-1'):
        raise pickle.UnpicklingError(f'encoding {encoding!r}, only latin1 occurs in arrays')
    return codecs.latin_1_encode(text)[0]


def _bytearray(data: Any = b'', encoding: str = 'latin1') -> bytearray:
    """Only from bytes that are present: given a number, it would allocate as many."""
    if isinstance(data, str):
        data = _encode_latin1(data, encoding)
    if not isinstance(data, bytes):
        raise pickle.UnpicklingError(f'a bytearray of {type(data).__name__}')
    return bytearray(data)


_ALLOWED: dict[tuple[str, str], Any] = {
    ('numpy', 'ndarray'): 'numpy.ndarray',  # only ever an argument of _reconstruct
    ('numpy', 'dtype'): _Function(_PlainType),
    ('_codecs', 'encode'): _Function(_encode_latin1),
    ('collections', 'OrderedDict'): OrderedDict,
}
for _core in ('numpy.core', 'numpy._core'):  # the spellings of numpy 1 and numpy 2
    _ALLOWED[f'{_core}.multiarray', '_reconstruct'] = _Function(_reconstruct)
    _ALLOWED[f'{_core}.multiarray', 'scalar'] = _Function(_scalar)
    _ALLOWED[f'{_core}.numeric', '_frombuffer'] = _Function(_from_buffer)
for _builtins in ('builtins', '__builtin__'):  # Python 3, Python 2
    _ALLOWED[_builtins, 'bytearray'] = _Function(_bytearray)
    _ALLOWED[_builtins, 'bytes'] = _Function(lambda *args: bytes(_bytearray(*args)))
    for _kind in (list, dict, tuple, set, frozenset):
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
        pickle.UnpicklingError: If the file is truncated, damaged or no pickle, or names a global
            that is not allowed (which then has not been run); names the file.
        FileNotFoundError: If there is no such file.
    """
    return loads_pickle(Path(path).read_bytes(), path)


def loads_pickle(content: bytes, path: str | Path) -> Any:
    """As :func:`load_pickle`, of bytes that were read from ``path``."""
    try:
        _check_sizes_said(content)
        return RestrictedUnpickler(BytesIO(content), str(path), encoding='latin1').load()
    except Exception as error:  # whatever bytes do to an unpickler: the file is no such pickle
        if isinstance(error, pickle.UnpicklingError) and str(path) in str(error):
            raise
        raise pickle.UnpicklingError(
            f"'{path}' is no complete pickle of arrays ({type(error).__name__}: {error})"
        ) from error


def _check_sizes_said(content: bytes) -> None:
    """Reads the operations alone: lengths and memo places that the file cannot have.

    The unpickler itself would allocate what they say before it looks.
    """
    for count, (operation, argument, _) in enumerate(pickletools.genops(content), start=1):
        size = int(argument) if isinstance(argument, int) else 0
        if 'PUT' in operation.name and size > count:
            raise pickle.UnpicklingError(f'memo place {argument} after {count} operations')
        if operation.name == 'FRAME' and size > len(content):
            raise pickle.UnpicklingError(f'a frame of {argument} bytes')
