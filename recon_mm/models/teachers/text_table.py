"""Features of all sentences of all categories: computed once, kept on disk."""

import hashlib
import logging
import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock
from mmengine.logging import print_log
from torch import Tensor

from recon_mm.utils.optional import require

from .cache import canonical

CACHE_ENV = 'RECON_CACHE'


def default_cache_dir() -> Path:
    """``$RECON_CACHE``, else ``~/.cache/recon_mm``."""
    return Path(os.environ.get(CACHE_ENV) or '~/.cache/recon_mm').expanduser()


def load_or_compute(folder: Path, origin: dict, compute: Callable[[], Tensor]) -> Tensor:
    """Reads the tensor made from ``origin``, or computes and stores it.

    Of several processes of one machine that ask at the same time, one computes and the others
    wait for its file: no collective operation, so that one process may also ask alone.

    Args:
        folder: Where tables lie.
        origin: Everything the tensor depends on; a stored tensor of another origin is never used.
        compute: Makes the tensor.
    """
    key = canonical(origin)
    path = folder / f'clip_text_{hashlib.sha256(key.encode()).hexdigest()[:16]}.pt'
    table = _read(path, key)
    if table is not None:
        return table
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(f'{path}.lock')
        lock.acquire()
    except OSError as error:
        print_log(
            f'text features cannot be stored in {folder} ({error}) and will be computed again next '
            f'time; set ${CACHE_ENV} or cache_dir to a folder that can be written',
            logger='current',
            level=logging.WARNING,
        )
        return compute()
    try:
        table = _read(path, key)  # another process may have been faster
        if table is None:
            table = compute()
            _write(path, key, table)
    finally:
        lock.release()
    return table


def encode_sentences(
    tower: Any, tokens: Tensor, device: torch.device, batch_size: int = 128
) -> Tensor:
    """Text features of tokenized sentences.

    CLIP's text transformer is causal and its feature is read at the end-of-text token, so what
    follows that token changes nothing: of the 77 tokens only those of a batch's longest sentence
    are computed, and sentences of like length form a batch.

    Args:
        tower: open_clip's text tower.
        tokens: int64 ``(S, 77)``, zero-padded.
        device: Where to compute.
        batch_size: Sentences at a time.

    Returns:
        ``(S, D)`` float32 on the CPU, not normalized.
    """
    tower = tower.to(device).float().eval()
    causal = tower.attn_mask if _is_causal(tower) else None
    # The end-of-text token has the highest number of all.
    lengths = tokens.argmax(dim=1) + 1
    order = lengths.argsort(stable=True)
    parts: list[Tensor] = []
    next_report = 0.25
    with torch.no_grad(), torch.autocast(device.type, enabled=False):
        for start in range(0, len(order), batch_size):
            index = order[start : start + batch_size]
            batch = tokens[index]
            if causal is not None:
                longest = int(lengths[index[-1]])
                batch = batch[:, :longest]
                tower.attn_mask = causal[:longest, :longest]
            parts.append(tower(batch.to(device)).float().cpu())
            done = (start + len(index)) / len(tokens)
            if done >= next_report:
                print_log(f'text features: {done:.0%} of {len(tokens)} sentences', 'current')
                next_report += 0.25
    if causal is not None:
        tower.attn_mask = causal
    return torch.cat(parts)[order.argsort()]


def _is_causal(tower: Any) -> bool:
    """Whether a feature depends only on the tokens up to the end-of-text token."""
    transformer = require('open_clip', 'teachers').transformer.TextTransformer
    return (
        isinstance(tower, transformer)
        and tower.attn_mask is not None
        and tower.cls_emb is None
        and tower.pool_type in ('argmax', 'eos')
    )


def _read(path: Path, key: str) -> Tensor | None:
    if not path.is_file():
        return None
    try:
        content = torch.load(path, map_location='cpu', weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        print_log(
            f'{path} is damaged ({error}); its text features are computed again',
            logger='current',
            level=logging.WARNING,
        )
        return None
    if not isinstance(content, dict) or content.get('key') != key:
        return None
    return content['table']


def _write(path: Path, key: str, table: Tensor) -> None:
    """Written beside and then renamed: a half-written table is never seen under its name."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f'{path.stem}_', suffix='.tmp')
    try:
        with os.fdopen(handle, 'wb') as file:
            torch.save({'key': key, 'table': table}, file)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
