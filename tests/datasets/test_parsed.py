"""Parsed once: found again, made again when outdated or damaged, whoever else parses."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from recon_mm.datasets import DataError
from recon_mm.datasets.parsed import ParsedClouds, open_parsed
from recon_mm.datasets.storage import PARSED, open_store

SIZES = (3, 0, 5)


def read(file: Path) -> Iterator[tuple[np.ndarray, int]]:
    for category, size in enumerate(SIZES):
        yield np.full((size, 4), float(file.read_text()) + category), category


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    files = [tmp_path / 'set' / f'{name}.txt' for name in 'ab']
    files[0].parent.mkdir()
    for number, file in enumerate(files):
        file.write_text(str(10 * number))
    return files


def parse(sources: list[Path], **kwargs) -> ParsedClouds:
    return open_parsed(sources[0].parent, 'set', sources, read, **kwargs)


def test_clouds_of_different_sizes(sources: list[Path]) -> None:
    clouds = parse(sources)
    assert [clouds[i].shape for i in range(len(clouds))] == [(size, 4) for size in SIZES * 2]
    assert clouds.categories.tolist() == [0, 1, 2] * 2
    assert clouds[5].dtype == np.float32
    assert (clouds[5] == 12).all()
    assert not clouds[5].flags.writeable
    values = np.load(clouds.store.files['values'])
    assert values.shape == (16, 4)


def test_values_that_float32_cannot_hold(sources: list[Path]) -> None:
    sources[1].write_text('1e300')
    with np.errstate(over='ignore'):
        clouds = parse(sources)
    assert (clouds[2] == 2).all()
    with pytest.raises(DataError, match=r'values\.npy.*infinite'):
        clouds[5]


def test_settings_and_sources_are_compared(sources: list[Path]) -> None:
    first = parse(sources, settings=['a'])
    assert parse(sources, settings=['a']).store.path == first.store.path
    second = parse(sources, settings=['b'])
    assert second.store.path != first.store.path
    assert not first.store.path.exists()
    os.utime(sources[0], ns=(0, 0))
    assert parse(sources, settings=['b']).store.path != second.store.path


@pytest.mark.parametrize('damage', ['values', 'offsets', 'categories', 'header'])
def test_damaged_is_parsed_again(sources: list[Path], damage: str) -> None:
    folder = parse(sources).store.path
    file = folder / ('header.json' if damage == 'header' else f'{damage}.npy')
    file.write_bytes(file.read_bytes()[:-20])
    assert (parse(sources)[5] == 12).all()


@pytest.mark.parametrize('array', ['offsets', 'categories'])
def test_a_flipped_bit_is_noticed(
    sources: list[Path], array: str, log: pytest.LogCaptureFixture
) -> None:
    """Where the values alone would not tell: another category, other borders of clouds."""
    file = parse(sources).store.files[array]
    content = bytearray(file.read_bytes())
    content[-16] ^= 1  # of the last number but one
    file.write_bytes(content)
    log.clear()
    clouds = parse(sources)
    assert clouds.categories.tolist() == [0, 1, 2] * 2
    assert clouds.offsets.tolist() == [0, 3, 3, 8, 11, 11, 16]
    assert re.search(rf"'.*{array}\.npy' has checksum \d+, expected \d+", log.messages[0])


@pytest.mark.parametrize('offsets', [[0, 3, 3, 8, 11, 11, 99], [0, 8, 3, 8, 11, 11, 16], [-1] * 7])
def test_offsets_of_other_clouds(
    sources: list[Path], offsets: list[int], log: pytest.LogCaptureFixture
) -> None:
    store = parse(sources).store
    np.save(store.path / 'offsets.npy', np.array(offsets, np.int64))
    header = json.loads((store.path / 'header.json').read_text())
    for spec in header['arrays'].values():
        del spec['crc32']  # as versions before this one wrote it
    (store.path / 'header.json').write_text(json.dumps(header))
    with pytest.raises(DataError, match=rf'{store.path.name}.* Delete it, and it is parsed again'):
        ParsedClouds(open_store(store.path, PARSED))
    log.clear()
    assert (parse(sources)[5] == 12).all()
    assert 'made again' in log.messages[0]
    assert 'offsets of other clouds' in log.messages[0]


def test_what_earlier_versions_parsed_is_parsed_again(
    sources: list[Path], log: pytest.LogCaptureFixture
) -> None:
    parent = sources[0].parent / '.recon_cache'
    old = parent / f'set-{"0a" * 10}'
    other = parent / f'set-test-{"0a" * 10}'
    for folder in (old, other):
        folder.mkdir(parents=True)
        np.save(folder / 'values.npy', np.zeros((2, 3), np.float32))
        np.save(folder / 'offsets.npy', np.array([0, 2]))
        np.save(folder / 'categories.npy', np.array([0]))
    assert (parse(sources)[5] == 12).all()
    (line,) = log.messages
    assert line == f'parsing 2 file(s) of set, once, into {parent}'
    assert not old.exists()
    assert other.exists()
    log.clear()
    parse(sources)
    assert not log.messages
