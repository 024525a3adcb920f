"""Tables for the log."""

from collections.abc import Iterable, Sequence

from mmengine.logging import print_log
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table


def format_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A plain-text table; floats with two digits, the first column flush left.

    Args:
        columns: Headings.
        rows: Cells, as many as headings.
    """
    table = Table(box=SIMPLE)
    for i, column in enumerate(columns):
        table.add_column(column, justify='left' if i == 0 else 'right')
    for row in rows:
        table.add_row(*(f'{x:.2f}' if isinstance(x, float) else str(x) for x in row))
    console = Console(width=100, no_color=True)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def log_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Writes a titled table to the run's log."""
    print_log(f'{title}\n{format_table(columns, rows)}', logger='current')
