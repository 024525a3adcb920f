"""Splits that depend on the content of a shape alone, so that they last when shapes are added."""

import hashlib
from collections.abc import Iterable

import numpy as np

from .shape_files import Shape


def content_hash(shape: Shape) -> int:
    """63 bits that tell a shape from others, whatever its file is called or says besides."""
    digest = hashlib.sha256(shape.points.astype(np.float32).tobytes())
    if shape.faces is not None:
        digest.update(shape.faces.astype(np.int64).tobytes())
    return int.from_bytes(digest.digest()[:8], 'little') >> 1


def split_of(content: int, val: float, test: float = 0.0, seed: int = 0) -> str:
    """The split of a shape with this content: equal content, equal split.

    Args:
        content: Of :func:`content_hash`.
        val: The share of the validation split, 0 to 1.
        test: The share of the test split, 0 to 1.
        seed: Another seed is another draw.
    """
    digest = hashlib.sha256(f'{seed} {content}'.encode()).digest()
    draw = int.from_bytes(digest[:7], 'little') / 2**56
    return 'val' if draw < val else 'test' if draw < val + test else 'train'


def one_split_each(contents: Iterable[int], splits: Iterable[str]) -> list[str]:
    """The splits, where shapes of equal content get that of the first of them."""
    first: dict[int, str] = {}
    return [first.setdefault(content, split) for content, split in zip(contents, splits)]
