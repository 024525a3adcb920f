"""Builds parts of a model, which take from the backbone what their config leaves out."""

import inspect
from typing import Any

from recon_mm.registry import MODELS


def build_part(cfg: dict, **known: Any) -> Any:
    """Builds a neck, head or other part of a model.

    A width or a number of patches is said once, in the backbone's config: one override makes any
    model small.

    Args:
        cfg: Config of the part.
        **known: Values for arguments that ``cfg`` leaves out, e.g. ``embed_dims=384``; those that
            the part does not take are ignored.

    Raises:
        KeyError: If the registry has no such type.
    """
    cls = MODELS.get(cfg['type'])
    if cls is None:
        return MODELS.build(cfg)  # raises the registry's error
    taken = inspect.signature(cls).parameters
    return MODELS.build({**{k: v for k, v in known.items() if k in taken}, **cfg})
