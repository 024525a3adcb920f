"""Results on disk, as they come."""

import json
from pathlib import Path

import numpy as np
import pytest

from recon_mm.apis.inferencers.writing import open_writer

RESULTS = [
    {'name': 'a/chair.npy', 'class': 'chair', 'feature': np.arange(3, dtype=np.float32)},
    {'name': 'b/chair.npy', 'error': 'damaged'},
    {'name': 'b/chair.npy', 'class': 'table', 'feature': np.ones(3, dtype=np.float32)},
]


def write(out: Path) -> None:
    with open_writer(out) as writer:
        for result in RESULTS:
            writer.write(result)


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_lines_are_there_at_once(tmp_path) -> None:
    out = tmp_path / 'new/results.jsonl'
    with open_writer(out) as writer:
        writer.write(RESULTS[0])
        assert lines(out) == [{**RESULTS[0], 'feature': [0, 1, 2]}]


def test_one_object_of_all(tmp_path) -> None:
    write(tmp_path / 'out.json')
    found = json.loads((tmp_path / 'out.json').read_text())
    assert found['a/chair.npy'] == {'class': 'chair', 'feature': [0, 1, 2]}


def test_one_archive_of_all(tmp_path) -> None:
    write(tmp_path / 'out.npz')
    found = np.load(tmp_path / 'out.npz')
    assert found['names'].tolist() == ['a/chair.npy', 'b/chair.npy']
    assert np.array_equal(found['feature'], [[0, 1, 2], [1, 1, 1]])


def test_what_does_not_fit_an_archive(tmp_path) -> None:
    writer = open_writer(tmp_path / 'out.npz')
    writer.write(RESULTS[0])
    with pytest.raises(ValueError, match=r"'feature' of x is \(4,\), before it \(3,\)"):
        writer.write({'name': 'x', 'feature': np.zeros(4)})
    with pytest.raises(ValueError, match='have no arrays'):
        writer.write({'name': 'x', 'class': 'chair'})


def test_a_folder_of_archives(tmp_path) -> None:
    write(tmp_path / 'out')
    first, bad, second = lines(tmp_path / 'out/results.jsonl')
    assert first == {'name': 'a/chair.npy', 'class': 'chair', 'file': 'chair.npz'}
    assert bad == RESULTS[1]
    assert np.array_equal(np.load(tmp_path / 'out' / second['file'])['feature'], [1, 1, 1])
    assert second['file'] == 'chair_2.npz'


def test_an_unknown_ending_is_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match=r'ends in \.csv, expected \.jsonl'):
        open_writer(tmp_path / 'out.csv')
