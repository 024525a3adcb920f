"""Results as rows, and rows as a Markdown table."""

from collections.abc import Iterable, Iterator
from typing import Any

Row = dict[str, Any]


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """The lines of a Markdown table whose columns are the keys of the first row."""
    keys: list[str] = []
    for row in rows:
        if not keys:
            keys = list(row)
            yield f'| {" | ".join(keys)} |'
            yield '|' + '|'.join('---' if isinstance(row[k], str) else '---:' for k in keys) + '|'
        yield f'| {" | ".join(_cell(row.get(key, "")) for key in keys)} |'


def print_table(rows: Iterable[Row]) -> None:
    """Prints each row as soon as it is available."""
    for line in lines(rows):
        print(line, flush=True)


def add_ratio(rows: Iterable[Row], key: str, baseline: Row | None = None) -> Iterator[Row]:
    """Adds how many times smaller ``key`` is than in the first row, or in ``baseline``."""
    for row in rows:
        baseline = baseline or row
        yield {**row, 'times faster': baseline[key] / row[key]}


def _cell(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f'{value:.0f}' if abs(value) >= 100 else f'{value:.3g}'
