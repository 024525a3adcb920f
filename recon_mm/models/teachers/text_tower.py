"""CLIP's text transformer over many sentences, without computing tokens that have no effect."""

from typing import Any

import torch
from mmengine.logging import print_log
from torch import Tensor

from recon_mm.utils.optional import require


def encode_sentences(
    tower: Any,
    tokens: Tensor,
    device: torch.device,
    batch_size: int = 128,
    report: bool = True,
) -> Tensor:
    """Text features of tokenized sentences.

    CLIP's text transformer is causal and its feature is read at the end-of-text token, so later
    tokens have no effect: of the 77 tokens only those of a batch's longest sentence are computed,
    and sentences of similar length share a batch.

    Args:
        tower: open_clip's text tower.
        tokens: int64 ``(S, 77)``, zero-padded.
        device: Where to compute.
        batch_size: Sentences per batch.
        report: Whether progress is logged.

    Returns:
        ``(S, D)`` float32 on the CPU, not normalized.
    """
    tower = tower.to(device).float().eval()
    causal = tower.attn_mask if _is_causal(tower) else None
    # The end-of-text token has the highest id of all.
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
            if report and done >= next_report:
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
