"""Stores that tests read."""

from pathlib import Path
from typing import Any

import numpy as np

from recon_mm.datasets.storage import FEATURES, ArraySpec, Header, resume_store


def features_header(features: np.ndarray, ids: list[str], made_from: dict[str, Any]) -> Header:
    """Of features ``(samples, views, D)``."""
    arrays = {'features': ArraySpec(features.shape, str(features.dtype))}
    return Header(FEATURES.name, arrays, made_from, ids)


def store_features(folder: Path, features: np.ndarray, ids: list[str], **made_from: Any) -> None:
    """Stores features ``(samples, views, D)``."""
    with resume_store(folder, FEATURES, features_header(features, ids, made_from), 2) as writer:
        rows, views = np.nonzero(~writer.finished)
        writer.write((rows, views), features[rows, views])
