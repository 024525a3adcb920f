"""The one exception that says what is wrong with somebody's data."""

from collections.abc import Sequence


class DataError(ValueError):
    """A file or a folder of a data set is missing, broken or of another shape than expected.

    The message names the file, what was found, what was expected and what to do; every check of
    :mod:`recon_mm.datasets.checks` raises this class and no other, so that ``skip_corrupt=True``
    of a data set can tell bad data from a bug.
    """


def raise_all(problems: Sequence[str], listed: int = 50) -> None:
    """Raises what is wrong with several files as one error, if anything is.

    Raises:
        DataError: If there are problems; names the first ``listed`` of them.
    """
    if problems:
        left = len(problems) - listed
        raise DataError('\n'.join([*problems[:listed], *([f'... and {left} more'] * (left > 0))]))
