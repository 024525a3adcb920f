"""What a store says about itself, and how that is checked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import DataError

FORMAT = 2  # raise when the layout of a store or what a parser writes changes
HEADER = 'header.json'
DTYPES = ('bool', 'int64', 'float16', 'float32')


class Kind(NamedTuple):
    """What is stored, its arrays with their numbers of dimensions, and what to do if it is bad."""

    name: str
    arrays: dict[str, int]
    advice: str


PARSED = Kind(
    'parsed clouds',
    {'values': 2, 'offsets': 1, 'categories': 1},
    'Delete it, and it is parsed again; cache_dir of the data set names a folder for it.',
)
PACKED = Kind(
    'packed clouds',
    {'clouds': 3},  # (clouds, points, 3)
    'Delete it, or name another folder, and pack the lists that are trained on: '
    'python tools/dataset_converters/pack_shapenet55.py DATA_ROOT',
)
FEATURES = Kind(
    'teacher features',
    {'features': 3},  # (samples, views, D)
    'Use the features that fit the config, or compute them into another folder: '
    'python tools/cache_teacher_features.py CONFIG --views K --out DIR',
)
_FOLDER = '$RECON_CACHE, or cache_dir of the text teacher, names a folder for it.'
SENTENCES = Kind('sentences', {'table': 3}, _FOLDER)  # (classes, sentences, D)


class ArraySpec(NamedTuple):
    """Shape and type of an array; the checksum of one small enough to be read as a whole."""

    shape: tuple[int, ...]
    dtype: str
    crc32: int | None = None


class Header(NamedTuple):
    """The content of ``header.json``."""

    kind: str
    arrays: dict[str, ArraySpec]  # each lies in <name>.npy
    made_from: dict[str, Any]  # and by what: anything that JSON holds
    sample_ids: list[str]  # whose the rows are, where they are of samples

    @classmethod
    def read(cls, path: Path, kind: Kind, translate: Callable | None = None) -> 'Header':
        """Reads a header, or by ``translate`` a file of an older format.

        Raises:
            DataError: If it is missing, damaged, or of another format or kind.
        """
        try:
            content = json.loads(path.read_bytes())
            if translate is not None:
                content = {'format': FORMAT, 'kind': kind.name, **translate(content)}
            found, read = (content['format'], content['kind']), (FORMAT, kind.name)
            if found != read:
                raise ValueError(f'format and kind are {found}, this version reads {read}')
            arrays = {
                name: ArraySpec(tuple(spec['shape']), spec['dtype'], spec.get('crc32'))
                for name, spec in content['arrays'].items()
            }
            if {name: len(spec.shape) for name, spec in arrays.items()} != kind.arrays:
                raise ValueError(f'arrays are {arrays}, expected dimensions {kind.arrays}')
            for spec in arrays.values():
                sizes = all(type(size) is int and size >= 0 for size in spec.shape)
                if not sizes or spec.dtype not in DTYPES:
                    raise ValueError(f'an array is {spec}')
            ids, rows = content['sample_ids'], next(iter(arrays.values())).shape[0]
            if not all(type(i) is str for i in ids) or len(set(ids)) not in (0, rows):
                raise ValueError(f'{len(set(ids))} different sample ids for {rows} rows')
            return cls(kind.name, arrays, dict(content['made_from']), list(ids))
        except Exception as error:  # of the many ways in which a file can be damaged
            raise DataError(
                f"'{path}' is not the header of a store of {kind.name} ({type(error).__name__}: "
                f'{error}). {kind.advice}'
            ) from error

    def write(self, path: Path) -> None:
        """Writes ``header.json``."""
        arrays = {name: spec._asdict() for name, spec in self.arrays.items()}
        half = path.with_suffix('.tmp')
        half.write_text(canonical({'format': FORMAT, **self._asdict(), 'arrays': arrays}))
        half.replace(path)


def canonical(value: Any) -> str:
    """A text that is equal for equal values, whatever their order of keys."""
    return json.dumps(value, sort_keys=True, default=str)


def check_expected(path: Path, found: Any, expected: Any, advice: str, key: str = '') -> None:
    """Compares what was found with what is wanted; of a dictionary, the wanted keys.

    Raises:
        DataError: Names the first difference and both values.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        for name, value in expected.items():
            check_expected(path, found.get(name), value, advice, f'{key}.{name}'.lstrip('.'))
    elif canonical(found) != canonical(expected):
        texts = [canonical(value)[:600] for value in (found, expected)]
        raise DataError(
            f"'{path}' was made with a different {key}:\n  found    {texts[0]}\n"
            f'  expected {texts[1]}\n{advice}'
        )
