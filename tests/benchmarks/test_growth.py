"""How growth is fitted and measured, and how rows become a table."""

import numpy as np
import pytest

from benchmarks.growth import GROWTHS, exponent, measure
from benchmarks.table import add_ratio, lines


def test_exponent_of_the_larger_half() -> None:
    values = np.array([1.0, 10.0, 100.0, 1000.0])
    costs = np.array([50.0, 100.0, 10_000.0, 1_000_000.0])  # fixed costs below, quadratic above
    assert exponent(values, costs) == pytest.approx(2)


def test_time_and_memory_of_a_quantity() -> None:
    (growth,) = [g for g in GROWTHS if g.what == 'Chamfer f+b']
    found = measure(growth._replace(values=(64, 4096)), seconds=0.01)
    assert [value for value, _, _ in found] == [64, 4096]
    (_, small, _), (_, large, memory) = found
    assert small > 0 and large > 0
    assert memory >= 0


def test_rows_become_a_markdown_table() -> None:
    rows = [{'what': 'a', 'ms': 120.4}, {'what': 'b', 'ms': 30.1}, {'what': 'c', 'ms': 60.2}]
    assert list(lines(add_ratio(rows, 'ms'))) == [
        '| what | ms | times faster |',
        '|---|---:|---:|',
        '| a | 120 | 1 |',
        '| b | 30.1 | 4 |',
        '| c | 60.2 | 2 |',
    ]
    assert list(lines([])) == []
