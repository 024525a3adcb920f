"""Reconstruction: what the network saw and what it predicts, beside the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from recon_mm.ops import chamfer_distance, gather_points, knn

from .colored_cloud import BLUE, ORANGE, ColoredCloud, labeled_cloud, plain_cloud, valued_cloud

SAME = 1e-5  # within this distance two points are one, after its patch was moved there and back


def reconstruction_clouds(
    points: np.ndarray,
    visible: np.ndarray,
    masked: np.ndarray,
    predicted: np.ndarray,
    title: str = '',
) -> list[ColoredCloud]:
    """Four pictures of a cloud: input, hidden truth, reconstruction, error.

    Points of hidden patches that a visible patch has, too, are shown as visible: the network sees
    them. The reconstruction's title has the Chamfer distance (l2: both directions' mean squared
    distances, added) of all predicted points to all true points of the hidden patches.

    Args:
        points: The cloud ``(N, 3)``, y up.
        visible: Points of the visible patches ``(V, 3)``.
        masked: True points of the hidden patches ``(P, 3)``.
        predicted: Their prediction ``(Q, 3)``.
        title: The name of the cloud.
    """
    hidden = masked[nearest_distance(masked, visible) > SAME]  # patches overlap
    distance = chamfer_distance(_batch(predicted), _batch(masked)).item()
    error = nearest_distance(predicted, masked)
    return [
        plain_cloud(points, f'{title}: input' if title else 'input'),
        _two_kinds(visible, hidden, 'hidden', 'masked input'),
        _two_kinds(
            visible, predicted, 'predicted', f'reconstruction, Chamfer distance {distance:.4f}'
        ),
        valued_cloud(
            *(predicted, error, 'distance to the nearest true point', 'error of the prediction'),
            limits=(0.0, float(error.max())),
            cmap='plasma',
        ),
    ]


def reconstructed_rows(
    model: Any, points: torch.Tensor, titles: Sequence[str] | None = None
) -> list[list[ColoredCloud]]:
    """:func:`reconstruction_clouds` of each cloud, as a model reconstructs it.

    Args:
        model: A ``ReCon`` with a decoder, in eval mode.
        points: Clouds ``(B, N, 3 or more)`` as the model expects them, on its device.
        titles: Their names.
    """
    tensors = (points[..., :3], *model.reconstruct_clouds(points).values())
    clouds = [tensor.float().cpu().numpy() for tensor in tensors]
    names = titles or [''] * len(points)
    return [reconstruction_clouds(*row, title=name) for *row, name in zip(*clouds, names)]


def nearest_distance(points: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far each point ``(N, 3)`` is from the nearest of ``others`` ``(M, 3)``, ``(N,)``."""
    first, second = _batch(points), _batch(others)
    nearest = gather_points(second, knn(first, second, 1)[..., 0])
    return (first - nearest).norm(dim=-1)[0].numpy()


def _two_kinds(visible: np.ndarray, other: np.ndarray, name: str, title: str) -> ColoredCloud:
    labels = np.repeat([0, 1], [len(visible), len(other)])
    points = np.concatenate([visible, other])
    return labeled_cloud(points, labels, ('visible', name), (BLUE, ORANGE), title)


def _batch(points: np.ndarray) -> torch.Tensor:
    return torch.as_tensor(points, dtype=torch.float32)[None]
