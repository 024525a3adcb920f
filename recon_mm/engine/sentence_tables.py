"""The text teacher's storage: features of all sentences, computed once and kept on disk."""

import logging
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from recon_mm.datasets.errors import DataError
from recon_mm.datasets.storage import SENTENCES, ArraySpec, open_or_build, save_array
from recon_mm.models.teachers import CLIPTextTeacher


def keep_sentence_tables(model: nn.Module) -> None:
    """Makes every text teacher in a model store its tables on disk.

    They are in its ``cache_dir``; by default in ``$RECON_CACHE``, else in ``~/.cache/recon_mm``.
    """
    for teacher in model.modules():
        if isinstance(teacher, CLIPTextTeacher):
            folder = teacher.cache_dir or os.environ.get('RECON_CACHE') or '~/.cache/recon_mm'
            teacher.keep_tables(partial(load_or_compute, Path(folder).expanduser()))


def load_or_compute(folder: Path, origin: dict, compute: Callable[[], Tensor]) -> Tensor:
    """Reads the table made from ``origin``, or computes and stores it.

    Of several processes of one machine that ask at the same time, one computes and the others
    wait for it: there is no collective operation, so a single process may ask as well.

    Args:
        folder: Where tables are stored.
        origin: Everything the table depends on; a table with a different origin is never used.
        compute: Makes the table, float32 ``(classes, sentences, D)`` on the CPU.
    """

    def build(store: Path) -> dict[str, ArraySpec]:
        return {'table': save_array(store, 'table', compute().numpy())}

    try:
        store = open_or_build(folder, 'sentences', SENTENCES, origin, build, keep_others=True)
    except DataError as error:
        print_log(
            f'text features are computed again next time: {error}', 'current', logging.WARNING
        )
        return compute()
    return torch.from_numpy(np.array(store.read('table', ...)))
