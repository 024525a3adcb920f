"""Writes demo data: selects the sets, protects existing files, and distributes the work."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from demo.layouts import LAYOUTS
from demo.request import Counts, Request
from demo.runner import Runner
from recon_mm.utils.optional import require

MARKER = 'demo_data.json'
"""The file that tells a folder of demo data from one of real data."""


def make_demo_data(
    out: str | Path,
    sets: Sequence[str] = tuple(LAYOUTS),
    seed: int = 0,
    counts: Counts | None = None,
    workers: int = 1,
    overwrite: bool = False,
    progress: bool = False,
) -> dict[str, Path]:
    """Writes parametric objects in the layouts of the real sets.

    The same seed gives the same points, whichever sets are chosen and however many processes
    work on them.

    Args:
        out: The data root; each set has its folder in it.
        sets: Keys of ``LAYOUTS``.
        seed: Decides every shape, point and view.
        counts: Training and test shapes per category; None for each set's default.
        workers: Number of processes.
        overwrite: Whether existing demo data may be replaced.
        progress: Whether to show progress bars.

    Returns:
        The folder of each set.

    Raises:
        ValueError: If a set is unknown, or a number is out of range.
        FileExistsError: If a set's folder holds files, unless they are demo data and
            ``overwrite`` is true. Nothing is written then.
        ImportError: If a package of the extra ``demo`` is missing.
    """
    unknown = sorted(set(sets) - set(LAYOUTS))
    if unknown or not sets:
        raise ValueError(f'no demo set {unknown}: expected some of {sorted(LAYOUTS)}')
    if seed < 0:
        raise ValueError(f'seed is {seed}, expected 0 or more')
    if workers < 1:
        raise ValueError(f'{workers} worker processes, expected 1 or more')
    if counts is not None and min(counts) < 1:
        raise ValueError(f'{counts} shapes per category, expected 1 or more of each')
    for package in ('trimesh', 'h5py', 'PIL'):
        require(package, 'demo')
    folders = {name: Path(out) / LAYOUTS[name].FOLDER for name in sets}
    for folder in folders.values():
        _check_free(folder, overwrite)
    with Runner(workers, progress) as run:
        for name, folder in folders.items():
            if folder.exists():
                shutil.rmtree(folder)
            folder.mkdir(parents=True)
            # written first: an interrupted run can be repeated with overwrite
            note = {'made_by': 'make_demo_data', 'set': name, 'seed': seed, 'counts': counts}
            (folder / MARKER).write_text(json.dumps(note))
            LAYOUTS[name].write(Request(folder, seed, counts), run)
    return folders


def _check_free(folder: Path, overwrite: bool) -> None:
    """Refuses a folder with files, and real data in any case."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / MARKER).is_file():
        raise FileExistsError(
            f"'{folder}' holds files that this command did not write (no {MARKER}): expected an "
            f'empty folder or none. Choose another --out; it is never overwritten.'
        )
    if not overwrite:
        raise FileExistsError(
            f"'{folder}' holds demo data already: expected an empty folder or none. Pass "
            f'--overwrite to replace them, or choose another --out or other --sets.'
        )
